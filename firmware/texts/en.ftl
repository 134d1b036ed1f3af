### What the box says, in English.
### Every message stands in every language with the same values. Numbers in a message are written in `digits`;
### measured values beside a unit stay in Latin digits, with `decimal-mark`.
### Short, concrete, present tense; for a child of nine. The pages of the box's state may be exact.

language-name = English
direction = ltr
digits = 0123456789
decimal-mark = .

## Every page

box-name = School box
skip = Go to the page
languages = Choose your language
state-link = How the box is doing
go-home = Go to the first page
leaf-name = More pages
leaf-before = Back
leaf-after = More

## The battery

energy-mains = The box is plugged into the wall. It can teach all day.
energy-unread = The box is waking up and looks at its battery.
energy-silent = The box cannot feel its battery now.
energy-silent-do = You can go on. A grown-up should look at the cables.
energy-sun-fills = The sun is filling the battery.
energy-fills = The battery is filling.
energy-full = The battery is full.
energy-percent = Battery: { $percent } %
energy-percent-about = Battery, when the box last felt it: { $percent } %
energy-percent-between = Battery: between { $low } and { $high } %

energy-teach-until = The box can teach until { $time }.
energy-teach-days = { $days ->
    [one] The box can teach for one day.
   *[other] The box can teach for { $days } days.
}
energy-teach-hours = { $hours ->
    [one] The box can teach for one hour.
   *[other] The box can teach for { $hours } hours.
}
energy-teach-minutes = { $minutes ->
    [one] The box can teach for one minute.
   *[other] The box can teach for { $minutes } minutes.
}
energy-teach-least-hours = { $hours ->
    [one] The box can teach for at least one hour.
   *[other] The box can teach for at least { $hours } hours.
}
energy-teach-least-minutes = { $minutes ->
    [one] The box can teach for at least one minute.
   *[other] The box can teach for at least { $minutes } minutes.
}
energy-teach-all-day = The box can teach the whole day.
energy-teach-learning = The box is still getting to know its battery.
energy-teach-ending = The box is going to sleep.
energy-teach-soon = The battery is almost empty.
energy-teach-unknown = The box is ready.

energy-filled-until = It is full at { $time }.
energy-filled-days = { $days ->
    [one] It is full in about one day.
   *[other] It is full in about { $days } days.
}
energy-filled-hours = { $hours ->
    [one] It is full in about one hour.
   *[other] It is full in about { $hours } hours.
}
energy-filled-minutes = { $minutes ->
    [one] It is full in about one minute.
   *[other] It is full in about { $minutes } minutes.
}
energy-filled-soon = It is almost full.
energy-filled-unknown = It needs some time.

saving-some = The box saves energy. Lessons work. Please do not charge tablets on the box now.
saving-much = The battery is low. Only a few screens can learn now. Share a screen, and put the panel in the sun.
saving-ending = The box goes to sleep soon. What you did is kept. Put the panel in the sun to wake it.
saving-ending-forgotten = The box goes to sleep soon. Put the panel in the sun to wake it.

forgets = The box cannot remember today.
forgets-do = You can read and learn. What you do now is not kept: write it on paper, and tell your teacher.

## What there is to read

packs-title = What you can learn
packs-none = There are no books in the box yet.
packs-none-do = Ask a grown-up to bring a stick with books and put it into the box.
start-title = Start here
start-text = How to use this box, with pictures.

search-label = What do you want to know?
search-go = Search
search-title = Search
search-ask = Write a word, for example: water.
search-nothing = The box found nothing. Try another word, or a shorter one.
search-best = These fit best.
search-found = { $count ->
    [one] The box found one page.
   *[other] The box found { $count } pages.
}

## The sun and the plan of the day

sun-link = The sun and the plan of the day
sun-title = The sun and the plan of the day
chart-name = The battery and the sun of the last and the next 24 hours, as a drawing. The same is told in words below.
chart-now = now
chart-full = 100 %
legend-charge = Battery
legend-expected = What the box expects
legend-sun = Sun
legend-reserve = Kept back
day-full = everything works
day-eco = saving
day-minimal = few screens
day-off = asleep
day-battery = battery { $percent } %
day-sun = sun { $energy } Wh
day-ahead = in { $from } to { $to } hours
day-ago = { $from } to { $to } hours ago
plan-title = The plan
plan-none = The box makes its plan when it has looked at its battery for a while.
plan-full = Everything works.
plan-full-until = Everything works until { $time }.
plan-eco = The box saves energy.
plan-eco-until = The box saves energy until { $time }.
plan-minimal = Only a few screens can learn.
plan-minimal-until = Only a few screens can learn until { $time }.
plan-off = The box sleeps.
plan-off-until = The box sleeps until { $time }.
why-pack-cut = The battery has switched itself off to stay healthy.
why-reserve = Only what is kept back is left in the battery.
why-thresholds = The weather was not as the box thought, so it looks at the battery alone.
why-plenty = There is enough battery and sun for everything.
why-film = The class watches its film.
why-for-film = So the film can be shown.
why-balanced = That is as much as the sun of the next days gives.
why-evening-today = So the evening class has light.
why-lessons-today = So today’s lessons have light.
why-evening-tomorrow = So tomorrow’s evening class has light.
why-lessons-tomorrow = So tomorrow’s lessons have light.
why-next-day = So the next school day has light.
last-title = The last 24 hours
sun-today = The panel has given { $energy } Wh today.
sun-today-none = The box has heard nothing from the panel today.
sun-expected = It will likely give { $low } to { $high } Wh more today.
tablets-yes = Tablets may charge on the box now.
tablets-no = Please do not charge tablets on the box now.
film-title = A film for the class
film-start = It begins at
film-length = It takes
film-go = Ask the box
film-until = Only until { $time }.
film-no = Not today. The lessons need the light.
film-not-today = That does not fit into today. Choose another time.
film-book = Keep light for this film
film-cancel = We need no film
film-no-clock = The box has no clock that it can trust, so it cannot plan a film.
film-late = It is too late for a film today.
film-no-answer = The box did not answer. Ask again in a minute.
film-minutes = { $minutes ->
    [one] one minute
   *[other] { $minutes } minutes
}
film-yes = { $minutes ->
    [one] Yes, one minute at { $time }.
   *[other] Yes, { $minutes } minutes at { $time }.
}
film-booked = { $minutes ->
    [one] The box keeps light for a film: one minute at { $time }.
   *[other] The box keeps light for a film: { $minutes } minutes at { $time }.
}

## When something goes wrong

fault-kept = Nothing is lost. What you did is kept.
fault-no-page = This page is not here.
fault-no-page-do = Go back, or look for it from the first page.
fault-no-pack = This book is not in the box.
fault-no-pack-do = The first page shows every book that is here.
fault-not-understood = The box did not understand that.
fault-not-understood-do = Go to the first page and try again from there.
fault-too-long = This address is too long for the box.
fault-too-long-do = Go to the first page and try again from there.
fault-too-large = This is too big for the box.
fault-too-large-do = Try with a smaller file.
fault-ours = The box made a mistake.
fault-ours-do = Wait a little and try again. If it comes back, tell your teacher.
fault-busy = The box is helping many children now.
fault-busy-do = Wait a little and try again.

## How the box is doing: for teachers and technicians

state-title = How the box is doing
state-well = Everything works.
state-help = This needs a look
state-battery = Battery
state-charge = Charge
state-charge-last = Charge, when last felt
state-charge-band = Charge lies surely between
state-flow = The battery
flow-charging = is filling
flow-discharging = is giving
flow-idle = rests
flow-full = is full
flow-unknown = is not felt
state-voltage = Voltage
state-current = Current (filling is +)
state-temperature = Temperature
state-solar = From the solar panel
state-measured = Last measured
state-ago = { $seconds ->
    [one] one second ago
   *[other] { $seconds } seconds ago
}
state-work = Work
state-power = Power state
power-full = everything on
power-eco = saving: no charging of tablets
power-minimal = saving: few readers at once
power-off = switching off
power-storage = going into storage
state-readers = Connections served at once
state-radio = Radio
state-radio-off = off
state-radio-on = { $count ->
    [one] on, one device
   *[other] on, { $count } devices
}
state-awake = Awake for
state-awake-for = { $hours } h { $minutes } min
state-time = Time at the school
state-time-unknown = not known: the box has no clock it can trust
state-store = Store
state-packs = Books and courses
state-packs-size = Size of the books and courses
state-free = Free on the disk
state-records = Learning records
state-written = Disk last written
state-slot = System in slot
fault-films-wait = The box is saving its light.
fault-films-wait-do = Films come back with the sun. Until then you can read, look at pictures and listen.
