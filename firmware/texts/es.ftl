### Lo que dice la caja, en español.

language-name = Español
direction = ltr
digits = 0123456789
decimal-mark = ,

## Todas las páginas

box-name = La caja escuela
skip = Ir a la página
languages = Elige tu idioma
state-link = Cómo está la caja
go-home = Ir a la primera página
leaf-name = Más páginas
leaf-before = Atrás
leaf-after = Más

## La batería

energy-mains = La caja está enchufada a la pared. Puede enseñar todo el día.
energy-unread = La caja se despierta y mira su batería.
energy-silent = La caja no siente su batería ahora.
energy-silent-do = Puedes seguir. Una persona mayor debe mirar los cables.
energy-sun-fills = El sol está llenando la batería.
energy-fills = La batería se está llenando.
energy-full = La batería está llena.
energy-percent = Batería: { $percent } %
energy-percent-about = Batería, la última vez que la caja la sintió: { $percent } %
energy-percent-between = Batería: entre { $low } y { $high } %

energy-teach-until = La caja puede enseñar hasta las { $time }.
energy-teach-days = { $days ->
    [one] La caja puede enseñar durante un día.
   *[other] La caja puede enseñar durante { $days } días.
}
energy-teach-hours = { $hours ->
    [one] La caja puede enseñar durante una hora.
   *[other] La caja puede enseñar durante { $hours } horas.
}
energy-teach-minutes = { $minutes ->
    [one] La caja puede enseñar durante un minuto.
   *[other] La caja puede enseñar durante { $minutes } minutos.
}
energy-teach-least-hours = { $hours ->
    [one] La caja puede enseñar durante una hora por lo menos.
   *[other] La caja puede enseñar durante { $hours } horas por lo menos.
}
energy-teach-least-minutes = { $minutes ->
    [one] La caja puede enseñar durante un minuto por lo menos.
   *[other] La caja puede enseñar durante { $minutes } minutos por lo menos.
}
energy-teach-all-day = La caja puede enseñar todo el día.
energy-teach-learning = La caja todavía está conociendo su batería.
energy-teach-ending = La caja se va a dormir.
energy-teach-soon = La batería está casi vacía.
energy-teach-unknown = La caja está lista.

energy-filled-until = Está llena a las { $time }.
energy-filled-days = { $days ->
    [one] Está llena en un día, más o menos.
   *[other] Está llena en { $days } días, más o menos.
}
energy-filled-hours = { $hours ->
    [one] Está llena en una hora, más o menos.
   *[other] Está llena en { $hours } horas, más o menos.
}
energy-filled-minutes = { $minutes ->
    [one] Está llena en un minuto, más o menos.
   *[other] Está llena en { $minutes } minutos, más o menos.
}
energy-filled-soon = Está casi llena.
energy-filled-unknown = Necesita un poco de tiempo.

saving-some = La caja ahorra energía. Las lecciones funcionan. Por favor, no cargues tabletas en la caja ahora.
saving-much = La batería está baja. Solo unas pocas pantallas pueden aprender ahora. Compartan una pantalla y pongan el panel al sol.
saving-ending = La caja se duerme pronto. Lo que hiciste está guardado. Pon el panel al sol para despertarla.
saving-ending-forgotten = La caja se duerme pronto. Pon el panel al sol para despertarla.

forgets = Hoy la caja no puede recordar nada.
forgets-do = Puedes leer y aprender. Lo que haces ahora no se guarda: escríbelo en papel y díselo a tu maestra o maestro.

## Lo que hay para leer

packs-title = Lo que puedes aprender
packs-none = Todavía no hay libros en la caja.
packs-none-do = Pide a una persona mayor que traiga una memoria con libros y la ponga en la caja.
start-title = Empieza aquí
start-text = Cómo usar esta caja, con dibujos.

search-label = ¿Qué quieres saber?
search-go = Buscar
search-title = Buscar
search-ask = Escribe una palabra, por ejemplo: agua.
search-nothing = La caja no encontró nada. Prueba otra palabra, o una más corta.
search-best = Esto es lo que mejor encaja.
search-found = { $count ->
    [one] La caja encontró una página.
   *[other] La caja encontró { $count } páginas.
}

## El sol y el plan del día

sun-link = El sol y el plan del día
sun-title = El sol y el plan del día
chart-name = La batería y el sol de las últimas y las próximas 24 horas, en un dibujo. Abajo se dice lo mismo con palabras.
chart-now = ahora
chart-full = 100 %
legend-charge = Batería
legend-expected = Lo que la caja espera
legend-sun = Sol
legend-reserve = Guardado aparte
day-full = todo funciona
day-eco = ahorro
day-minimal = pocas pantallas
day-off = dormida
day-battery = batería { $percent } %
day-sun = sol { $energy } Wh
day-ahead = en { $from } a { $to } horas
day-ago = hace { $from } a { $to } horas
plan-title = El plan
plan-none = La caja hace su plan cuando ha mirado su batería un rato.
plan-full = Todo funciona.
plan-full-until = Todo funciona hasta las { $time }.
plan-eco = La caja ahorra energía.
plan-eco-until = La caja ahorra energía hasta las { $time }.
plan-minimal = Solo unas pocas pantallas pueden aprender.
plan-minimal-until = Solo unas pocas pantallas pueden aprender hasta las { $time }.
plan-off = La caja duerme.
plan-off-until = La caja duerme hasta las { $time }.
why-pack-cut = La batería se apagó sola para seguir sana.
why-reserve = En la batería solo queda lo guardado aparte.
why-thresholds = El tiempo no fue como la caja pensaba: ahora solo mira la batería.
why-plenty = Hay batería y sol para todo.
why-film = La clase mira su película.
why-for-film = Así se puede mostrar la película.
why-balanced = Es lo que permite el sol de los próximos días.
why-evening-today = Así la clase de la noche tiene luz.
why-lessons-today = Así las lecciones de hoy tienen luz.
why-evening-tomorrow = Así la clase de mañana por la noche tiene luz.
why-lessons-tomorrow = Así las lecciones de mañana tienen luz.
why-next-day = Así el próximo día de escuela tiene luz.
last-title = Las últimas 24 horas
sun-today = El panel ha dado { $energy } Wh hoy.
sun-today-none = La caja no ha oído nada del panel hoy.
sun-expected = Es probable que hoy dé entre { $low } y { $high } Wh más.
tablets-yes = Las tabletas pueden cargarse en la caja ahora.
tablets-no = Por favor, no cargues tabletas en la caja ahora.
film-title = Una película para la clase
film-start = Empieza a las
film-length = Dura
film-go = Preguntar a la caja
film-until = Solo hasta las { $time }.
film-no = Hoy no. Las lecciones necesitan la luz.
film-not-today = Eso ya no cabe en el día de hoy. Elige otra hora.
film-book = Guardar luz para esta película
film-cancel = No hace falta película
film-no-clock = La caja no tiene un reloj fiable, así que no puede planear una película.
film-late = Hoy es demasiado tarde para una película.
film-no-answer = La caja no respondió. Pregunta otra vez en un minuto.
film-minutes = { $minutes ->
    [one] un minuto
   *[other] { $minutes } minutos
}
film-yes = { $minutes ->
    [one] Sí, un minuto a las { $time }.
   *[other] Sí, { $minutes } minutos a las { $time }.
}
film-booked = { $minutes ->
    [one] La caja guarda luz para una película: un minuto a las { $time }.
   *[other] La caja guarda luz para una película: { $minutes } minutos a las { $time }.
}

## Cuando algo sale mal

fault-kept = No se ha perdido nada. Lo que hiciste está guardado.
fault-no-page = Esta página no está aquí.
fault-no-page-do = Vuelve atrás, o búscala desde la primera página.
fault-no-pack = Este libro no está en la caja.
fault-no-pack-do = La primera página muestra todos los libros que hay aquí.
fault-not-understood = La caja no entendió eso.
fault-not-understood-do = Ve a la primera página y prueba otra vez desde allí.
fault-too-long = Esta dirección es demasiado larga para la caja.
fault-too-long-do = Ve a la primera página y prueba otra vez desde allí.
fault-too-large = Esto es demasiado grande para la caja.
fault-too-large-do = Prueba con un archivo más pequeño.
fault-ours = La caja cometió un error.
fault-ours-do = Espera un poco y prueba otra vez. Si vuelve a pasar, díselo a tu maestra o maestro.
fault-busy = La caja está ayudando a muchos niños ahora.
fault-busy-do = Espera un poco y prueba otra vez.

## Cómo está la caja: para docentes y técnicos

state-title = Cómo está la caja
state-well = Todo funciona.
state-help = Hay que mirar esto
state-battery = Batería
state-charge = Carga
state-charge-last = Carga, sentida la última vez
state-charge-band = La carga está seguro entre
state-flow = La batería
flow-charging = se llena
flow-discharging = da energía
flow-idle = descansa
flow-full = está llena
flow-unknown = no se siente
state-voltage = Voltaje
state-current = Corriente (+ es llenar)
state-temperature = Temperatura
state-solar = Del panel solar
state-measured = Última medida
state-ago = { $seconds ->
    [one] hace un segundo
   *[other] hace { $seconds } segundos
}
state-work = Trabajo
state-power = Estado de energía
power-full = todo encendido
power-eco = ahorro: no se cargan tabletas
power-minimal = ahorro: pocos lectores a la vez
power-off = apagándose
power-storage = preparándose para el almacén
state-readers = Conexiones servidas a la vez
state-radio = Radio
state-radio-off = apagada
state-radio-on = { $count ->
    [one] encendida, un aparato
   *[other] encendida, { $count } aparatos
}
state-awake = Despierta desde hace
state-awake-for = { $hours } h { $minutes } min
state-time = Hora en la escuela
state-time-unknown = no se sabe: la caja no tiene un reloj fiable
state-store = Almacén
state-packs = Libros y cursos
state-packs-size = Tamaño de los libros y cursos
state-free = Libre en el disco
state-records = Registros de aprendizaje
state-written = Última escritura en el disco
state-slot = Sistema en la ranura
fault-films-wait = La caja está ahorrando su luz.
fault-films-wait-do = Las películas vuelven con el sol. Mientras tanto puedes leer, mirar dibujos y escuchar.
