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
