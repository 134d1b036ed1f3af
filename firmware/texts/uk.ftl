### Що каже скринька, українською.

language-name = Українська
direction = ltr
digits = 0123456789
decimal-mark = ,

## Кожна сторінка

box-name = Шкільна скринька
skip = Перейти до сторінки
languages = Вибери свою мову
state-link = Як справи у скриньки
go-home = На першу сторінку
leaf-name = Інші сторінки
leaf-before = Назад
leaf-after = Далі

## Батарея

energy-mains = Скринька увімкнена в розетку. Вона може вчити весь день.
energy-unread = Скринька прокидається й дивиться на свою батарею.
energy-silent = Скринька зараз не відчуває своєї батареї.
energy-silent-do = Можна вчитися далі. Хай хтось дорослий гляне на кабелі.
energy-sun-fills = Сонце наповнює батарею.
energy-fills = Батарея наповнюється.
energy-full = Батарея повна.
energy-percent = Батарея: { $percent } %
energy-percent-about = Батарея, коли скринька востаннє її відчувала: { $percent } %
energy-percent-between = Батарея: від { $low } до { $high } %

energy-teach-until = Скринька може вчити до { $time }.
energy-teach-days = { $days ->
    [one] Скринька може вчити ще { $days } день.
    [few] Скринька може вчити ще { $days } дні.
    [many] Скринька може вчити ще { $days } днів.
   *[other] Скринька може вчити ще { $days } дня.
}
energy-teach-hours = { $hours ->
    [one] Скринька може вчити ще { $hours } годину.
    [few] Скринька може вчити ще { $hours } години.
    [many] Скринька може вчити ще { $hours } годин.
   *[other] Скринька може вчити ще { $hours } години.
}
energy-teach-minutes = { $minutes ->
    [one] Скринька може вчити ще { $minutes } хвилину.
    [few] Скринька може вчити ще { $minutes } хвилини.
    [many] Скринька може вчити ще { $minutes } хвилин.
   *[other] Скринька може вчити ще { $minutes } хвилини.
}
energy-teach-least-hours = { $hours ->
    [one] Скринька може вчити щонайменше { $hours } годину.
    [few] Скринька може вчити щонайменше { $hours } години.
    [many] Скринька може вчити щонайменше { $hours } годин.
   *[other] Скринька може вчити щонайменше { $hours } години.
}
energy-teach-least-minutes = { $minutes ->
    [one] Скринька може вчити щонайменше { $minutes } хвилину.
    [few] Скринька може вчити щонайменше { $minutes } хвилини.
    [many] Скринька може вчити щонайменше { $minutes } хвилин.
   *[other] Скринька може вчити щонайменше { $minutes } хвилини.
}
energy-teach-all-day = Скринька може вчити весь день.
energy-teach-learning = Скринька ще знайомиться зі своєю батареєю.
energy-teach-ending = Скринька засинає.
energy-teach-soon = Батарея майже порожня.
energy-teach-unknown = Скринька готова.

energy-filled-until = Вона буде повна о { $time }.
energy-filled-days = { $days ->
    [one] Вона буде повна десь через { $days } день.
    [few] Вона буде повна десь через { $days } дні.
    [many] Вона буде повна десь через { $days } днів.
   *[other] Вона буде повна десь через { $days } дня.
}
energy-filled-hours = { $hours ->
    [one] Вона буде повна десь через { $hours } годину.
    [few] Вона буде повна десь через { $hours } години.
    [many] Вона буде повна десь через { $hours } годин.
   *[other] Вона буде повна десь через { $hours } години.
}
energy-filled-minutes = { $minutes ->
    [one] Вона буде повна десь через { $minutes } хвилину.
    [few] Вона буде повна десь через { $minutes } хвилини.
    [many] Вона буде повна десь через { $minutes } хвилин.
   *[other] Вона буде повна десь через { $minutes } хвилини.
}
energy-filled-soon = Вона майже повна.
energy-filled-unknown = Треба ще трохи часу.

saving-some = Скринька береже енергію. Уроки працюють. Будь ласка, зараз не заряджай планшети від скриньки.
saving-much = У батареї мало енергії. Зараз можуть вчитися лише кілька екранів. Діліться екраном і поставте панель на сонце.
saving-ending = Скринька скоро засне. Усе, що ти зробив чи зробила, збережено. Постав панель на сонце, щоб її розбудити.
saving-ending-forgotten = Скринька скоро засне. Постав панель на сонце, щоб її розбудити.

forgets = Сьогодні скринька не може нічого запам’ятати.
forgets-do = Можна читати й учитися. Те, що ти робиш зараз, не зберігається: запиши на папері та скажи вчительці чи вчителю.

## Що можна читати

packs-title = Чого ти можеш навчитися
packs-none = У скриньці ще немає книжок.
packs-none-do = Попроси дорослого принести флешку з книжками і вставити її у скриньку.
start-title = Почни тут
start-text = Як користуватися цією скринькою, з малюнками.

search-label = Що ти хочеш дізнатися?
search-go = Шукати
search-title = Пошук
search-ask = Напиши слово, наприклад: вода.
search-nothing = Скринька нічого не знайшла. Спробуй інше слово або коротше.
search-best = Ось що підходить найкраще.
search-found = { $count ->
    [one] Скринька знайшла { $count } сторінку.
    [few] Скринька знайшла { $count } сторінки.
    [many] Скринька знайшла { $count } сторінок.
   *[other] Скринька знайшла { $count } сторінки.
}

## Сонце й план дня

sun-link = Сонце й план дня
sun-title = Сонце й план дня
chart-name = Батарея й сонце за минулі та наступні 24 години на малюнку. Нижче те саме сказано словами.
chart-now = зараз
chart-full = 100 %
legend-charge = Батарея
legend-expected = Чого чекає скринька
legend-sun = Сонце
legend-reserve = Відкладено
day-full = усе працює
day-eco = ощадно
day-minimal = мало екранів
day-off = спить
day-battery = батарея { $percent } %
day-sun = сонце { $energy } Вт·год
day-ahead = через { $from }–{ $to } год
day-ago = { $from }–{ $to } год тому
plan-title = План
plan-none = Скринька складе план, коли трохи придивиться до своєї батареї.
plan-full = Усе працює.
plan-full-until = Усе працює до { $time }.
plan-eco = Скринька береже енергію.
plan-eco-until = Скринька береже енергію до { $time }.
plan-minimal = Можуть вчитися лише кілька екранів.
plan-minimal-until = До { $time } можуть вчитися лише кілька екранів.
plan-off = Скринька спить.
plan-off-until = Скринька спить до { $time }.
why-pack-cut = Батарея вимкнулася сама, щоб не зіпсуватися.
why-reserve = У батареї лишилося тільки відкладене.
why-thresholds = Погода була не така, як думала скринька, тож вона дивиться лише на батарею.
why-plenty = Батареї й сонця вистачить на все.
why-film = Клас дивиться свій фільм.
why-for-film = Так можна буде показати фільм.
why-balanced = Стільки дозволяє сонце наступних днів.
why-evening-today = Так вечірній клас матиме світло.
why-lessons-today = Так сьогоднішні уроки матимуть світло.
why-evening-tomorrow = Так завтрашній вечірній клас матиме світло.
why-lessons-tomorrow = Так завтрашні уроки матимуть світло.
why-next-day = Так наступний шкільний день матиме світло.
last-title = Минулі 24 години
sun-today = Сьогодні панель дала { $energy } Вт·год.
sun-today-none = Сьогодні скринька нічого не чула від панелі.
sun-expected = Сьогодні вона, мабуть, дасть ще від { $low } до { $high } Вт·год.
tablets-yes = Зараз планшети можна заряджати від скриньки.
tablets-no = Будь ласка, зараз не заряджай планшети від скриньки.
film-title = Фільм для класу
film-start = Початок о
film-length = Триває
film-go = Запитати скриньку
film-until = Тільки до { $time }.
film-no = Не сьогодні. Світло потрібне для уроків.
film-not-today = Це вже не вміщається в сьогоднішній день. Вибери інший час.
film-book = Зберегти світло для фільму
film-cancel = Фільм не потрібен
film-no-clock = Скринька не має надійного годинника, тому не може запланувати фільм.
film-late = Сьогодні вже пізно для фільму.
film-no-answer = Скринька не відповіла. Запитай ще раз за хвилину.
film-minutes = { $minutes ->
    [one] { $minutes } хвилина
    [few] { $minutes } хвилини
    [many] { $minutes } хвилин
   *[other] { $minutes } хвилини
}
film-yes = { $minutes ->
    [one] Так, { $minutes } хвилина о { $time }.
    [few] Так, { $minutes } хвилини о { $time }.
    [many] Так, { $minutes } хвилин о { $time }.
   *[other] Так, { $minutes } хвилини о { $time }.
}
film-booked = { $minutes ->
    [one] Скринька береже світло для фільму: { $minutes } хвилина о { $time }.
    [few] Скринька береже світло для фільму: { $minutes } хвилини о { $time }.
    [many] Скринька береже світло для фільму: { $minutes } хвилин о { $time }.
   *[other] Скринька береже світло для фільму: { $minutes } хвилини о { $time }.
}

## Коли щось не вийшло

fault-kept = Нічого не втрачено. Усе, що зроблено, збережено.
fault-no-page = Цієї сторінки тут немає.
fault-no-page-do = Повернися назад або пошукай її з першої сторінки.
fault-no-pack = Цієї книжки у скриньці немає.
fault-no-pack-do = На першій сторінці видно всі книжки, які тут є.
fault-not-understood = Скринька цього не зрозуміла.
fault-not-understood-do = Перейди на першу сторінку і спробуй ще раз звідти.
fault-too-long = Ця адреса задовга для скриньки.
fault-too-long-do = Перейди на першу сторінку і спробуй ще раз звідти.
fault-too-large = Це завелике для скриньки.
fault-too-large-do = Спробуй з меншим файлом.
fault-ours = Скринька помилилася.
fault-ours-do = Зачекай трохи і спробуй ще раз. Якщо це повториться, скажи вчительці чи вчителю.
fault-busy = Скринька зараз допомагає багатьом дітям.
fault-busy-do = Зачекай трохи і спробуй ще раз.

## Як справи у скриньки: для вчителів і техніків

state-title = Як справи у скриньки
state-well = Усе працює.
state-help = На це треба глянути
state-battery = Батарея
state-charge = Заряд
state-charge-last = Заряд, коли його востаннє відчували
state-charge-band = Заряд точно між
state-flow = Батарея
flow-charging = наповнюється
flow-discharging = віддає енергію
flow-idle = відпочиває
flow-full = повна
flow-unknown = не відчувається
state-voltage = Напруга
state-current = Струм (+ наповнює)
state-temperature = Температура
state-solar = Від сонячної панелі
state-measured = Останнє вимірювання
state-ago = { $seconds ->
    [one] { $seconds } секунду тому
    [few] { $seconds } секунди тому
    [many] { $seconds } секунд тому
   *[other] { $seconds } секунди тому
}
state-work = Робота
state-power = Стан живлення
power-full = усе увімкнено
power-eco = ощадно: планшети не заряджаються
power-minimal = ощадно: мало читачів водночас
power-off = вимикається
power-storage = готується до зберігання
state-readers = З’єднань водночас
state-radio = Радіо
state-radio-off = вимкнене
state-radio-on = { $count ->
    [one] увімкнене, { $count } пристрій
    [few] увімкнене, { $count } пристрої
    [many] увімкнене, { $count } пристроїв
   *[other] увімкнене, { $count } пристрою
}
state-awake = Не спить
state-awake-for = { $hours } год { $minutes } хв
state-time = Час у школі
state-time-unknown = невідомий: скринька не має надійного годинника
state-store = Сховище
state-packs = Книжки й курси
state-packs-size = Розмір книжок і курсів
state-free = Вільно на диску
state-records = Записи навчання
state-written = Останній запис на диск
state-slot = Система у слоті
fault-films-wait = Скринька береже своє світло.
fault-films-wait-do = Фільми повернуться разом із сонцем. А поки можна читати, дивитися малюнки й слухати.
