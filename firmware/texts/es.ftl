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

## La ventana pequeña de un teléfono

window = Esta ventana es pequeña. Para aprender, abre tu navegador y escribe allí:
window-stay = ¿Tu teléfono pregunta si quieres seguir conectado sin internet? Di que sí.

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
state-radio-night = en silencio por la noche; una pulsación corta del botón la despierta por una hora
state-radio-saving = en silencio, para ahorrar energía
state-radio-broken = no está en el aire; la caja intenta repararla
state-radio-is = Está
state-channel = Canal de
state-network = Red
state-seats = Aparatos en la radio
state-refused = Rechazados
state-waiting = Esperan un lugar
state-open = La red está abierta: cualquiera que esté cerca puede unirse, y leer lo que los alumnos envían y ven.
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
state-sealed-for = Los registros salen de la caja para
sealed-for-nobody = nadie: no hay clave de programa
sealed-for-demo = el programa de demostración: cualquiera puede abrirlos
sealed-for-programme = el programa, sellados
state-waiting-records = Registros por llevar
state-stick = Memoria USB para los registros
stick-how = Cree una carpeta llamada {"\u2066"}school-box-records{"\u2069"} en una memoria USB (FAT o exFAT) y conéctela a la caja. Después abra de nuevo esta página: esta línea dice cuándo puede sacarla.
stick-carried = { $count ->
    [one] Un archivo sellado está en la memoria USB. Ya puede sacarla.
   *[other] { $count } archivos sellados están en la memoria USB. Ya puede sacarla.
}
stick-nothing = No había nada que llevar. Ya puede sacarla.
stick-no-key = No se puede sellar nada: falta la clave del programa. Pídala a su programa. Nada se ha perdido.
stick-locked = No se puede escribir en la memoria USB. Mueva su pequeño interruptor y conéctela de nuevo. Nada se ha perdido.
stick-full = La memoria USB está llena. Haga sitio en ella o use otra. Nada se ha perdido.
stick-failing = La memoria USB se sacó demasiado pronto o está fallando. Conéctela de nuevo o use otra. Nada se ha perdido.
stick-box-failed = La caja no pudo hacer su parte. El problema está en la caja, no en la memoria USB: llame al técnico. Nada se ha perdido.
stick-busy = Otra cosa está escribiendo ahora en la memoria USB. Espere un minuto y conéctela de nuevo. Nada se ha perdido.
stick-refused = { $count ->
    [one] Un recibo que hay en ella no fue aceptado. Pídalo de nuevo a su programa.
   *[other] { $count } recibos que hay en ella no fueron aceptados. Pídalos de nuevo a su programa.
}
state-slot = Sistema en la ranura

## El sistema de la caja

system-title = El programa de la caja
system-runs = Trabaja con
system-coming = En camino
system-comes = Uno más nuevo está en camino.
system-fetching = La caja lo está trayendo.
system-fetching-of = La caja lo está trayendo: { $done } de { $all } MB.
system-waits-of = Espera. Han llegado { $done } de { $all } MB.
system-waits = Espera hasta que la caja pueda traerlo.
system-here = { $here } MB ya estaban aquí.
system-minutes-left = { $minutes ->
    [one] Falta un minuto, si la red sigue como está.
   *[other] Faltan { $minutes } minutos, si la red sigue como está.
}
system-hours-left = { $hours ->
    [one] Falta una hora, si la red sigue como está.
   *[other] Faltan { $hours } horas, si la red sigue como está.
}
system-resumes = Si la red o la corriente se va, después sigue donde quedó. Las clases siguen todo el tiempo.
system-surveying = La caja busca lo que ya tiene de él.
system-writing = Se escribe al lado del que trabaja. Las clases siguen.
system-writing-of = Se escribe al lado del que trabaja: { $done } de { $all } MB. Las clases siguen.
system-checking = La caja lo lee una vez más para estar segura de que todo está bien.
system-staged = Está listo. La caja se reinicia sola cuando nadie aprende.
system-restart = Está listo. La caja se reinicia ahora y vuelve en dos minutos.
system-speed = Velocidad
system-from = Viene de
system-waits-for = Espera
system-last-look = Buscó uno más nuevo
system-trial = La caja prueba un programa más nuevo. Si no va bien, el anterior vuelve solo.
system-fell-back = Un programa más nuevo no iba bien aquí. El anterior trabaja otra vez y nada se ha perdido.
system-restart-needed = La caja cambia de programa con el próximo reinicio.

## Libros y cursos en camino

lessons-title = Libros y cursos en camino
lessons-comes = Otros más nuevos están en camino.
lessons-fetching = La caja los está trayendo.
lessons-fetching-of = La caja los está trayendo: { $done } de { $all } MB.
lessons-waits-of = Esperan. Han llegado { $done } de { $all } MB.
lessons-waits = Esperan hasta que la caja pueda traerlos.
lessons-here = { $here } MB ya estaban aquí.
lessons-surveying = La caja busca lo que ya tiene de ellos.
lessons-building = La caja los arma. Lo que hay se queda hasta que todo esté bien.
lessons-building-of = La caja los arma: { $done } de { $all } MB. Lo que hay se queda hasta que todo esté bien.
lessons-importing = La caja los guarda, y se pueden leer en un momento.
lessons-last = Lo último que llegó
fault-films-wait = La caja está ahorrando su luz.
fault-films-wait-do = Las películas vuelven con el sol. Mientras tanto puedes leer, mirar dibujos y escuchar.

## La hoja de bienvenida

welcome-link = La hoja de bienvenida para imprimir
report-link = Un archivo para el técnico: cómo está la caja, sin ningún nombre
welcome-title = La caja de la escuela te da la bienvenida
welcome-hello = Hola
welcome-on = Enciende la caja.
welcome-join = Entra en la red.
welcome-open = Abre la página.
welcome-on-more = Pulsa su botón y espera hasta que la luz se quede encendida.
welcome-join-more = Apunta al cuadrado con la cámara de un teléfono. Di que sí si pregunta.
welcome-open-more = Apunta a este cuadrado o escribe la dirección en un navegador.
welcome-find = Busca su red.
welcome-find-more = La caja se dio una red y una clave al despertar por primera vez. Están en la hoja que la propia caja imprime. Escríbelas aquí.
welcome-open-write = Escribe esta dirección en un navegador.
welcome-network = Red
welcome-key = Clave de la red
welcome-address = Dirección de la página
welcome-open-air = Esta red no tiene clave: quien está cerca puede leer lo que otros envían.
welcome-key-hidden = La clave está en la etiqueta de la caja. Aquí solo la ven quienes han entrado en la red.
welcome-join-code = Código QR que entra en la red
welcome-open-code = Código QR que abre la página
welcome-print = Imprime esta página y cuélgala donde todos la vean.
welcome-a4 = Para imprimir, en todas las lenguas: hoja grande (A4)
welcome-a5 = Para imprimir, en todas las lenguas: hoja pequeña (A5)

## Todos los lugares de la radio están ocupados

waiting = Todos los lugares están ocupados.
waiting-place = { $place ->
    [1] Eres el siguiente de la fila.
   *[other] Tu lugar en la fila es el { $place }.
}
waiting-do = Deja esta página abierta. Mira otra vez por sí sola, y se abre cuando hay un lugar para ti.
waiting-again = Mirar otra vez

## Las luces de la caja: la tarjeta, las fichas, la página

panel-link = Qué dicen las luces
panel-title = Qué dicen las luces
panel-now = Las luces ahora
panel-all = Todo lo que pueden decir
panel-how = Mira primero la luz de ayuda. ¿Está apagada? Mira la de la batería y después las dos del medio.
panel-legend = Debajo de cada luz: una línea cuando brilla, un hueco cuando está apagada. Un guion pequeño: mira las otras luces.
panel-button = Mientras aprietas el botón, y diez segundos después, las luces dicen qué hace el botón.
panel-unseen = Esta página no ve las luces ahora. Mira la caja.
panel-means = Qué significa
panel-do = Qué hacer
panel-when = Cuándo llamar y qué decir
panel-who-nobody = Nadie tiene que hacer nada.
panel-who-anyone = Cualquiera puede hacerlo.
panel-who-teacher = La maestra o el maestro puede hacerlo.
panel-who-technician = Esto es para el técnico.
panel-print-card = Para imprimir: la tarjeta de las luces
panel-print-page = Para imprimir: esta página para la pared

panel-well = Luz de batería verde, siempre encendida
panel-well-means = Todo está bien. La caja lo hace todo.
panel-well-a = ¡Aprende!
panel-well-b = Deja el panel solar al sol y quítale el polvo.
panel-well-call = No hace falta llamar.

panel-saving = Luz de batería ámbar: mucho encendida, poco apagada
panel-saving-means = La caja ahorra energía. Las lecciones siguen. En el almacén solo se revisa.
panel-saving-a = Sigue con las lecciones.
panel-saving-b = No cargues tabletas en la caja ahora.
panel-saving-c = Pon el panel solar a pleno sol y quítale el polvo.
panel-saving-call = Llama si sigue así tres días de sol. Di: «La luz de la batería va lenta».

panel-low = Luz de batería roja: rápida, sin pausa
panel-low-means = La batería está casi vacía. La caja se duerme pronto. No se pierde nada.
panel-low-a = Termina la lección.
panel-low-b = Desconecta las tabletas y el proyector.
panel-low-c = Pon el panel solar a pleno sol y quítale el polvo.
panel-low-d = Espera. Con bastante sol la caja se despierta sola.
panel-low-call = Llama si está así después de un día de sol. Di: «La luz de la batería va rápida».

panel-resting = Una luz del medio está apagada: red o lecciones
panel-resting-means = La red duerme, o no hay lecciones en la caja.
panel-resting-a = Pulsa el botón una vez. Una red que duerme se despierta por una hora.
panel-resting-b = ¿La red sigue apagada? Espera dos minutos.
panel-resting-c = ¿Las lecciones están apagadas? Trae una memoria con libros y ponla en la caja.
panel-resting-call = Llama si la red sigue apagada de día. Di: «La luz de la red está apagada. La de ayuda también».

panel-asleep = Todas las luces están apagadas
panel-asleep-means = La caja está apagada o duerme. No se pierde nada.
panel-asleep-a = Pulsa el botón una vez y espera un minuto.
panel-asleep-b = ¿Sigue apagada? Mira que el cable del panel solar esté puesto.
panel-asleep-c = Pon el panel solar a pleno sol y quítale el polvo.
panel-asleep-d = Espera dos horas y pulsa otra vez.
panel-asleep-call = Llama si sigue apagada después de un día de sol. Di: «Todas las luces están apagadas».

panel-look = Luz de ayuda roja, una vez
panel-look-means = Algo no está como debe. Las lecciones siguen.
panel-look-a = Sigue con las lecciones.
panel-look-b = Abre la página «Cómo está la caja». Dice qué hay que mirar.
panel-look-c = Apunta esas palabras.
panel-look-call = Llama esta semana. Di: «La luz roja parpadea una vez». Después lee las palabras.

panel-disk = Luz de ayuda roja, dos veces
panel-disk-means = El disco está lleno, o la caja no puede escribir en él. Puedes leer. Lo que haces ahora quizá no se guarda.
panel-disk-a = Escribe en papel lo importante de hoy.
panel-disk-b = Aprieta el botón hasta que brille una sola luz, y suelta. Espera hasta que todas estén apagadas.
panel-disk-c = Pulsa el botón una vez y espera un minuto.
panel-disk-d = ¿Otra vez dos? No metas nada nuevo en la caja. Sigue leyendo.
panel-disk-call = Llama hoy. Di: «La luz roja parpadea dos veces».

panel-sensor = Luz de ayuda roja, tres veces
panel-sensor-means = La caja no siente su batería. Las lecciones siguen, pero nadie sabe cuánto tiempo.
panel-sensor-a = No cargues tabletas en la caja.
panel-sensor-b = Técnico: mira que el enchufe del sensor de la batería esté puesto.
panel-sensor-c = Técnico: ¿sigue parpadeando? Cambia el sensor.
panel-sensor-call = Llama esta semana. Di: «La luz roja parpadea tres veces».

panel-radio = Luz de ayuda roja, cuatro veces
panel-radio-means = La red no funciona. La caja intenta arreglarla sola.
panel-radio-a = Espera cinco minutos.
panel-radio-b = ¿Hay una radio con cable? Sácala y ponla otra vez.
panel-radio-c = Aprieta el botón hasta que brille una sola luz, y suelta. Espera hasta que todo esté apagado y pulsa una vez.
panel-radio-call = Llama si dura media hora. Di: «La luz roja parpadea cuatro veces».

panel-stuck = Luz de ayuda roja, siempre encendida
panel-stuck-means = La caja no avanza. Empieza de nuevo sola. Lo que hiciste está guardado.
panel-stuck-a = Espera cinco minutos.
panel-stuck-b = ¿Sigue encendida? Saca todas las memorias.
panel-stuck-c = Aprieta el botón cinco segundos y suelta. Espera un minuto y pulsa una vez.
panel-stuck-call = Llama hoy si vuelve a pasar. Di: «La luz roja está siempre encendida».

panel-passed = Red y lecciones parpadean rápido juntas, ayuda apagada
panel-passed-means = La prueba terminó. Todas las partes están bien.
panel-passed-a = Escribe la fecha en la etiqueta de la caja.
panel-passed-b = Espera. Las luces de siempre vuelven solas.
panel-passed-call = No hace falta llamar.

panel-failed = Red, lecciones y ayuda parpadean rápido juntas
panel-failed-means = La prueba terminó. Una parte no está bien.
panel-failed-a = Lee el resultado de la prueba: dice qué parte es.
panel-failed-b = Mira que el enchufe de esa parte esté puesto, o cambia la parte.
panel-failed-c = Haz la prueba otra vez.
panel-failed-call = Llama si falla otra vez. Di: «La prueba falló». Después lee el resultado.
