### Ce que dit la boîte, en français.

language-name = Français
direction = ltr
digits = 0123456789
decimal-mark = ,

## Chaque page

box-name = La boîte-école
skip = Aller à la page
languages = Choisis ta langue
state-link = Comment va la boîte
go-home = Aller à la première page
leaf-name = Autres pages
leaf-before = Retour
leaf-after = Suite

## La batterie

energy-mains = La boîte est branchée au mur. Elle peut enseigner toute la journée.
energy-unread = La boîte se réveille et regarde sa batterie.
energy-silent = La boîte ne sent plus sa batterie.
energy-silent-do = Tu peux continuer. Un adulte doit regarder les câbles.
energy-sun-fills = Le soleil remplit la batterie.
energy-fills = La batterie se remplit.
energy-full = La batterie est pleine.
energy-percent = Batterie : { $percent } %
energy-percent-about = Batterie, la dernière fois que la boîte l’a sentie : { $percent } %
energy-percent-between = Batterie : entre { $low } et { $high } %

energy-teach-until = La boîte peut enseigner jusqu’à { $time }.
energy-teach-days = { $days ->
    [one] La boîte peut enseigner pendant un jour.
   *[other] La boîte peut enseigner pendant { $days } jours.
}
energy-teach-hours = { $hours ->
    [one] La boîte peut enseigner pendant une heure.
   *[other] La boîte peut enseigner pendant { $hours } heures.
}
energy-teach-minutes = { $minutes ->
    [one] La boîte peut enseigner pendant une minute.
   *[other] La boîte peut enseigner pendant { $minutes } minutes.
}
energy-teach-least-hours = { $hours ->
    [one] La boîte peut enseigner pendant au moins une heure.
   *[other] La boîte peut enseigner pendant au moins { $hours } heures.
}
energy-teach-least-minutes = { $minutes ->
    [one] La boîte peut enseigner pendant au moins une minute.
   *[other] La boîte peut enseigner pendant au moins { $minutes } minutes.
}
energy-teach-all-day = La boîte peut enseigner toute la journée.
energy-teach-learning = La boîte apprend encore à connaître sa batterie.
energy-teach-ending = La boîte va dormir.
energy-teach-soon = La batterie est presque vide.
energy-teach-unknown = La boîte est prête.

energy-filled-until = Elle est pleine à { $time }.
energy-filled-days = { $days ->
    [one] Elle est pleine dans un jour environ.
   *[other] Elle est pleine dans { $days } jours environ.
}
energy-filled-hours = { $hours ->
    [one] Elle est pleine dans une heure environ.
   *[other] Elle est pleine dans { $hours } heures environ.
}
energy-filled-minutes = { $minutes ->
    [one] Elle est pleine dans une minute environ.
   *[other] Elle est pleine dans { $minutes } minutes environ.
}
energy-filled-soon = Elle est presque pleine.
energy-filled-unknown = Il faut encore un peu de temps.

saving-some = La boîte économise l’énergie. Les leçons marchent. Ne charge pas de tablette sur la boîte maintenant.
saving-much = La batterie est faible. Seuls quelques écrans peuvent apprendre. Partagez un écran et mettez le panneau au soleil.
saving-ending = La boîte va bientôt dormir. Ce que tu as fait est gardé. Mets le panneau au soleil pour la réveiller.
saving-ending-forgotten = La boîte va bientôt dormir. Mets le panneau au soleil pour la réveiller.

forgets = La boîte ne peut rien retenir aujourd’hui.
forgets-do = Tu peux lire et apprendre. Ce que tu fais maintenant n’est pas gardé : écris-le sur du papier, et dis-le à ton enseignant.

## Ce qu’on peut lire

packs-title = Ce que tu peux apprendre
packs-none = Il n’y a pas encore de livres dans la boîte.
packs-none-do = Demande à un adulte d’apporter une clé avec des livres et de la mettre dans la boîte.
start-title = Commence ici
start-text = Comment utiliser cette boîte, avec des images.

search-label = Que veux-tu savoir ?
search-go = Chercher
search-title = Chercher
search-ask = Écris un mot, par exemple : eau.
search-nothing = La boîte n’a rien trouvé. Essaie un autre mot, ou un mot plus court.
search-best = Voici ce qui va le mieux.
search-found = { $count ->
    [one] La boîte a trouvé une page.
   *[other] La boîte a trouvé { $count } pages.
}

## Le soleil et le plan du jour

sun-link = Le soleil et le plan du jour
sun-title = Le soleil et le plan du jour
chart-name = La batterie et le soleil des dernières et des prochaines 24 heures, en dessin. Les mots disent la même chose plus bas.
chart-now = maintenant
chart-full = 100 %
legend-charge = Batterie
legend-expected = Ce que la boîte attend
legend-sun = Soleil
legend-reserve = Gardé de côté
day-full = tout marche
day-eco = économie
day-minimal = peu d’écrans
day-off = endormie
day-battery = batterie { $percent } %
day-sun = soleil { $energy } Wh
day-ahead = dans { $from } à { $to } heures
day-ago = il y a { $from } à { $to } heures
plan-title = Le plan
plan-none = La boîte fait son plan quand elle a regardé sa batterie un moment.
plan-full = Tout marche.
plan-full-until = Tout marche jusqu’à { $time }.
plan-eco = La boîte économise l’énergie.
plan-eco-until = La boîte économise l’énergie jusqu’à { $time }.
plan-minimal = Seuls quelques écrans peuvent apprendre.
plan-minimal-until = Seuls quelques écrans peuvent apprendre jusqu’à { $time }.
plan-off = La boîte dort.
plan-off-until = La boîte dort jusqu’à { $time }.
why-pack-cut = La batterie s’est coupée elle-même pour rester en bonne santé.
why-reserve = Il ne reste dans la batterie que ce qui est gardé de côté.
why-thresholds = Le temps n’était pas comme la boîte le pensait : elle ne regarde que la batterie.
why-plenty = Il y a assez de batterie et de soleil pour tout.
why-film = La classe regarde son film.
why-for-film = Ainsi, le film pourra être montré.
why-balanced = C’est ce que le soleil des prochains jours permet.
why-evening-today = Ainsi, la classe du soir a de la lumière.
why-lessons-today = Ainsi, les leçons d’aujourd’hui ont de la lumière.
why-evening-tomorrow = Ainsi, la classe de demain soir a de la lumière.
why-lessons-tomorrow = Ainsi, les leçons de demain ont de la lumière.
why-next-day = Ainsi, le prochain jour d’école a de la lumière.
last-title = Les dernières 24 heures
sun-today = Le panneau a donné { $energy } Wh aujourd’hui.
sun-today-none = La boîte n’a rien entendu du panneau aujourd’hui.
sun-expected = Il donnera sans doute encore { $low } à { $high } Wh aujourd’hui.
tablets-yes = Les tablettes peuvent se charger sur la boîte maintenant.
tablets-no = Ne charge pas de tablette sur la boîte maintenant.
film-title = Un film pour la classe
film-start = Il commence à
film-length = Il dure
film-go = Demander à la boîte
film-until = Seulement jusqu’à { $time }.
film-no = Pas aujourd’hui. Les leçons ont besoin de la lumière.
film-not-today = Cela ne tient plus dans la journée. Choisis une autre heure.
film-book = Garder la lumière pour ce film
film-cancel = Pas de film finalement
film-no-clock = La boîte n’a pas d’horloge sûre, alors elle ne peut pas prévoir de film.
film-late = Il est trop tard pour un film aujourd’hui.
film-no-answer = La boîte n’a pas répondu. Demande encore dans une minute.
film-minutes = { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}
film-yes = { $minutes ->
    [one] Oui, { $minutes } minute à { $time }.
   *[other] Oui, { $minutes } minutes à { $time }.
}
film-booked = { $minutes ->
    [one] La boîte garde de la lumière pour un film : { $minutes } minute à { $time }.
   *[other] La boîte garde de la lumière pour un film : { $minutes } minutes à { $time }.
}

## Quand quelque chose ne va pas

fault-kept = Rien n’est perdu. Ce que tu as fait est gardé.
fault-no-page = Cette page n’est pas ici.
fault-no-page-do = Reviens en arrière, ou cherche-la depuis la première page.
fault-no-pack = Ce livre n’est pas dans la boîte.
fault-no-pack-do = La première page montre tous les livres qui sont ici.
fault-not-understood = La boîte n’a pas compris.
fault-not-understood-do = Va à la première page et essaie encore de là.
fault-too-long = Cette adresse est trop longue pour la boîte.
fault-too-long-do = Va à la première page et essaie encore de là.
fault-too-large = C’est trop gros pour la boîte.
fault-too-large-do = Essaie avec un fichier plus petit.
fault-ours = La boîte a fait une erreur.
fault-ours-do = Attends un peu et essaie encore. Si cela revient, dis-le à ton enseignant.
fault-busy = La boîte aide beaucoup d’enfants en ce moment.
fault-busy-do = Attends un peu et essaie encore.

## Comment va la boîte : pour les enseignants et les techniciens

state-title = Comment va la boîte
state-well = Tout marche.
state-help = À regarder de près
state-battery = Batterie
state-charge = Charge
state-charge-last = Charge, sentie la dernière fois
state-charge-band = La charge est sûrement entre
state-flow = La batterie
flow-charging = se remplit
flow-discharging = se vide
flow-idle = se repose
flow-full = est pleine
flow-unknown = n’est pas sentie
state-voltage = Tension
state-current = Courant (+ : se remplit)
state-temperature = Température
state-solar = Du panneau solaire
state-measured = Dernière mesure
state-ago = { $seconds ->
    [one] il y a { $seconds } seconde
   *[other] il y a { $seconds } secondes
}
state-work = Travail
state-power = État d’énergie
power-full = tout est allumé
power-eco = économie : pas de charge de tablettes
power-minimal = économie : peu de lecteurs à la fois
power-off = s’éteint
power-storage = se prépare au stockage
state-readers = Connexions servies à la fois
state-radio = Radio
state-radio-off = éteinte
state-radio-on = { $count ->
    [one] allumée, { $count } appareil
   *[other] allumée, { $count } appareils
}
state-awake = Réveillée depuis
state-awake-for = { $hours } h { $minutes } min
state-time = Heure à l’école
state-time-unknown = inconnue : la boîte n’a pas d’horloge sûre
state-store = Réserve
state-packs = Livres et cours
state-packs-size = Taille des livres et des cours
state-free = Libre sur le disque
state-records = Traces d’apprentissage
state-written = Dernière écriture sur le disque
state-slot = Système à l’emplacement
fault-films-wait = La boîte économise sa lumière.
fault-films-wait-do = Les films reviennent avec le soleil. En attendant, tu peux lire, regarder des images et écouter.
