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

## A phone's small window

window = This window is small. To learn, open your browser and write there:
window-stay = Does your phone ask whether to stay without internet? Say yes.

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
state-radio-night = silent for the night; a short press on the button wakes it for an hour
state-radio-saving = silent, to save energy
state-radio-broken = not on the air; the box tries to heal it
state-radio-is = It is
state-channel = Channel of
state-network = Network
state-seats = Devices on the radio
state-refused = Turned away
state-waiting = Waiting for a place
state-open = The network is open: anybody near can join, and can read what learners send and see.
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
state-sealed-for = Records leave the box for
sealed-for-nobody = nobody: no programme’s key is set
sealed-for-demo = the demo programme: anyone can open them
sealed-for-programme = the programme, sealed
state-waiting-records = Records to carry out
state-stick = Stick for records
stick-how = Make a folder named {"\u2066"}school-box-records{"\u2069"} on a stick (FAT or exFAT) and plug it into the box. Then open this page again: this line says when you may pull it out.
stick-carried = { $count ->
    [one] One sealed file is on the stick. You may pull it out.
   *[other] { $count } sealed files are on the stick. You may pull it out.
}
stick-nothing = There was nothing to carry. You may pull it out.
stick-no-key = Nothing can be sealed: the programme’s key is missing. Ask your programme for it. Nothing is lost.
stick-locked = The stick cannot be written to. Move its small switch and plug it in again. Nothing is lost.
stick-full = The stick is full. Make room on it, or take another. Nothing is lost.
stick-failing = The stick was pulled out too early, or is failing. Plug it in again, or take another. Nothing is lost.
stick-box-failed = The box could not do its part. The fault is in the box, not in the stick: call the technician. Nothing is lost.
stick-busy = Something else is writing to the stick just now. Wait a minute and plug it in again. Nothing is lost.
stick-refused = { $count ->
    [one] One receipt on it was not accepted. Ask your programme for it again.
   *[other] { $count } receipts on it were not accepted. Ask your programme for them again.
}
state-slot = System in slot

## The system of the box

system-title = The box’s own program
system-runs = It works with
system-coming = On its way
system-comes = A newer one is on its way.
system-fetching = It is being fetched.
system-fetching-of = It is being fetched: { $done } of { $all } MB.
system-waits-of = It waits. { $done } of { $all } MB have come so far.
system-waits = It waits until it can be fetched.
system-here = { $here } MB of it were here already.
system-minutes-left = { $minutes ->
    [one] One minute more, if the network stays as it is.
   *[other] { $minutes } minutes more, if the network stays as it is.
}
system-hours-left = { $hours ->
    [one] One hour more, if the network stays as it is.
   *[other] { $hours } hours more, if the network stays as it is.
}
system-resumes = If the network or the power goes, it goes on later where it stopped. Lessons go on all the time.
system-surveying = The box looks for what it has of it already.
system-writing = It is being written beside the one that works. Lessons go on.
system-writing-of = It is being written beside the one that works: { $done } of { $all } MB. Lessons go on.
system-checking = The box reads it through once more, to be sure that all of it is right.
system-staged = It is ready. The box restarts by itself when nobody is learning.
system-restart = It is ready. The box restarts now and is back in two minutes.
system-speed = Speed
system-from = Comes from
system-waits-for = Waits for
system-last-look = Last look for a newer one
system-trial = The box tries a newer program. If it does not do well, the old one comes back by itself.
system-fell-back = A newer program did not do well here. The old one works again, and nothing is lost.
system-restart-needed = The box changes its program with the next restart.

## Books and courses on their way

lessons-title = Books and courses on their way
lessons-comes = Newer ones are on their way.
lessons-fetching = They are being fetched.
lessons-fetching-of = They are being fetched: { $done } of { $all } MB.
lessons-waits-of = They wait. { $done } of { $all } MB have come so far.
lessons-waits = They wait until they can be fetched.
lessons-here = { $here } MB of them were here already.
lessons-surveying = The box looks for what it has of them already.
lessons-building = They are being put together. What is here stays until all is right.
lessons-building-of = They are being put together: { $done } of { $all } MB. What is here stays until all is right.
lessons-importing = They are being taken in, and can be read in a moment.
lessons-last = What came last
fault-films-wait = The box is saving its light.
fault-films-wait-do = Films come back with the sun. Until then you can read, look at pictures and listen.

## The printed welcome

welcome-link = The welcome sheet to print
report-link = A file for the technician: how the box is doing, without any name
welcome-title = Welcome to the school box
welcome-hello = Welcome
welcome-on = Switch the box on.
welcome-join = Join the network.
welcome-open = Open the page.
welcome-on-more = Press its button and wait until the light stays on.
welcome-join-more = Point the camera of a phone at the square. Say yes when it asks.
welcome-open-more = Point it at this square, or write the address in a browser.
welcome-find = Find its network.
welcome-find-more = The box gave itself a network and a key when it first woke. They stand on the sheet that the box itself prints. Write them here.
welcome-open-write = Write this address in a browser.
welcome-network = Network
welcome-key = Key of the network
welcome-address = Address of the page
welcome-open-air = This network has no key: who is near can read what others send.
welcome-key-hidden = The key stands on the label of the box. It is shown here only to those who have joined the network.
welcome-join-code = QR code that joins the network
welcome-open-code = QR code that opens the page
welcome-print = Print this page and hang it up where everybody sees it.
welcome-a4 = To print, in all languages: a large sheet (A4)
welcome-a5 = To print, in all languages: a small sheet (A5)

## All seats of the radio are taken

waiting = All places are taken now.
waiting-place = { $place ->
    [1] You are next.
   *[other] You are number { $place } in the line.
}
waiting-do = Leave this page open. It looks again by itself, and opens when there is a place for you.
waiting-again = Look again

## The lights of the box: the card, the playbooks, the page

panel-link = What the lights say
panel-title = What the lights say
panel-now = The lights now
panel-all = All that they can say
panel-how = Look at the help light first. Is it dark? Then look at the battery light, and then at the two in the middle.
panel-legend = Under each light: a line where it shines, a gap where it is dark. A small dash: look at the other lights.
panel-button = While you hold the button, and ten seconds after, the lights tell what the button does.
panel-unseen = This page cannot see the lights just now. Look at the box.
panel-means = What it means
panel-do = What to do
panel-when = When to call, and what to say
panel-who-nobody = Nobody has to do anything.
panel-who-anyone = Anyone can do this.
panel-who-teacher = The teacher can do this.
panel-who-technician = This is for the technician.
panel-print-card = To print: the card of the lights
panel-print-page = To print: this page for the wall

panel-well = Green battery light, always on
panel-well-means = All is well. The box does everything.
panel-well-a = Learn!
panel-well-b = Keep the solar panel in the sun, and wipe off the dust.
panel-well-call = You need not call.

panel-saving = Amber battery light: long on, short dark
panel-saving-means = The box saves energy. Lessons go on. In the store it only looks after itself.
panel-saving-a = Go on with the lessons.
panel-saving-b = Do not charge tablets on the box now.
panel-saving-c = Put the solar panel in full sun, and wipe off the dust.
panel-saving-call = Call when it is so for three sunny days. Say: “The battery light is slow.”

panel-low = Red battery light: fast, without a pause
panel-low-means = The battery is almost empty. The box goes to sleep soon. Nothing is lost.
panel-low-a = Finish the lesson.
panel-low-b = Pull out tablets and projector.
panel-low-c = Put the solar panel in full sun, and wipe off the dust.
panel-low-d = Wait. With enough sun the box wakes by itself.
panel-low-call = Call when it is so after a sunny day. Say: “The battery light is fast.”

panel-resting = One light in the middle is dark: network or lessons
panel-resting-means = The network sleeps, or there are no lessons in the box.
panel-resting-a = Press the button once. A network that sleeps wakes for an hour.
panel-resting-b = Is the network still dark? Wait for two minutes.
panel-resting-c = Are the lessons dark? Bring a stick with books, and put it into the box.
panel-resting-call = Call when the network stays dark by day. Say: “The network light is dark. The help light is dark, too.”

panel-asleep = All lights are dark
panel-asleep-means = The box is off, or it sleeps. Nothing is lost.
panel-asleep-a = Press the button once, and wait for a minute.
panel-asleep-b = Still dark? See that the cable of the solar panel is in.
panel-asleep-c = Put the solar panel in full sun, and wipe off the dust.
panel-asleep-d = Wait for two hours, and press again.
panel-asleep-call = Call when it stays dark after a sunny day. Say: “All lights are dark.”

panel-look = Red help light, once
panel-look-means = Something is not as it was set up. Lessons go on.
panel-look-a = Go on with the lessons.
panel-look-b = Open the page “How the box is doing”. It says what needs a look.
panel-look-c = Write these words down.
panel-look-call = Call this week. Say: “The red light blinks once.” Then read the words.

panel-disk = Red help light, twice
panel-disk-means = The disk is full, or the box cannot write on it. You can read. What you do now may not be kept.
panel-disk-a = Write what matters today on paper.
panel-disk-b = Hold the button until one light shines alone, and let go. Wait until all lights are dark.
panel-disk-c = Press the button once, and wait for a minute.
panel-disk-d = Still twice? Bring nothing new into the box. Read on.
panel-disk-call = Call today. Say: “The red light blinks twice.”

panel-sensor = Red help light, three times
panel-sensor-means = The box cannot feel its battery. Lessons go on, but nobody knows how long.
panel-sensor-a = Do not charge tablets on the box.
panel-sensor-b = Technician: see that the plug of the battery sensor is in.
panel-sensor-c = Technician: does it still blink? Change the sensor.
panel-sensor-call = Call this week. Say: “The red light blinks three times.”

panel-radio = Red help light, four times
panel-radio-means = The network does not work. The box tries to heal it by itself.
panel-radio-a = Wait for five minutes.
panel-radio-b = Is there a radio on a cable? Pull it out, and put it in again.
panel-radio-c = Hold the button until one light shines alone, and let go. Wait until all is dark, then press once.
panel-radio-call = Call when it lasts half an hour. Say: “The red light blinks four times.”

panel-stuck = Red help light, always on
panel-stuck-means = The box does not get on. It starts again by itself. What you did is kept.
panel-stuck-a = Wait for five minutes.
panel-stuck-b = Still on? Pull out all sticks.
panel-stuck-c = Hold the button for five seconds, and let go. Wait for a minute, then press once.
panel-stuck-call = Call today when it comes back. Say: “The red light is always on.”

panel-passed = Network and lessons flash fast together, help is dark
panel-passed-means = The self-test is over. Every part is well.
panel-passed-a = Write the date on the label of the box.
panel-passed-b = Wait. The usual lights come back by themselves.
panel-passed-call = You need not call.

panel-failed = Network, lessons and help flash fast together
panel-failed-means = The self-test is over. A part is not well.
panel-failed-a = Read the result of the test: it names the part.
panel-failed-b = See that the plug of this part is in, or change the part.
panel-failed-c = Do the test again.
panel-failed-call = Call when it fails again. Say: “The self-test failed.” Then read the result.
