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

## La petite fenêtre d’un téléphone

window = Cette fenêtre est petite. Pour apprendre, ouvre ton navigateur et écris là :
window-stay = Ton téléphone demande s’il faut rester connecté sans internet ? Dis oui.

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
state-radio-night = silencieuse pour la nuit ; une courte pression sur le bouton la réveille pour une heure
state-radio-saving = silencieuse, pour économiser l’énergie
state-radio-broken = pas à l’antenne ; la boîte essaie de la réparer
state-radio-is = Elle est
state-channel = Canal de
state-network = Réseau
state-seats = Appareils sur la radio
state-refused = Refusés
state-waiting = En attente d’une place
state-open = Le réseau est ouvert : toute personne à proximité peut s’y joindre, et lire ce que les élèves envoient et voient.
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
state-sealed-for = Les traces quittent la boîte pour
sealed-for-nobody = personne : aucune clé de programme
sealed-for-demo = le programme de démonstration : tout le monde peut les ouvrir
sealed-for-programme = le programme, scellées
state-waiting-records = Traces à emporter
state-stick = Clé USB pour les traces
stick-how = Créez un dossier nommé {"\u2066"}school-box-records{"\u2069"} sur une clé USB (FAT ou exFAT) et branchez-la sur la boîte. Ouvrez ensuite cette page de nouveau : cette ligne dit quand vous pouvez la retirer.
stick-carried = { $count ->
    [one] { $count } fichier scellé est sur la clé USB. Vous pouvez la retirer.
   *[other] { $count } fichiers scellés sont sur la clé USB. Vous pouvez la retirer.
}
stick-nothing = Il n’y avait rien à emporter. Vous pouvez la retirer.
stick-no-key = Rien ne peut être scellé : la clé du programme manque. Demandez-la à votre programme. Rien n’est perdu.
stick-locked = On ne peut pas écrire sur la clé USB. Déplacez son petit interrupteur et branchez-la de nouveau. Rien n’est perdu.
stick-full = La clé USB est pleine. Faites-y de la place, ou prenez-en une autre. Rien n’est perdu.
stick-failing = La clé USB a été retirée trop tôt, ou elle est défaillante. Branchez-la de nouveau, ou prenez-en une autre. Rien n’est perdu.
stick-box-failed = La boîte n’a pas pu faire sa part. Le problème est dans la boîte, pas dans la clé USB : appelez le technicien. Rien n’est perdu.
stick-busy = Quelque chose d’autre écrit en ce moment sur la clé USB. Attendez une minute et branchez-la de nouveau. Rien n’est perdu.
stick-refused = { $count ->
    [one] { $count } reçu qui s’y trouve n’a pas été accepté. Redemandez-le à votre programme.
   *[other] { $count } reçus qui s’y trouvent n’ont pas été acceptés. Redemandez-les à votre programme.
}
state-slot = Système à l’emplacement

## Le système de la boîte

system-title = Le programme de la boîte
system-runs = Elle travaille avec
system-coming = En route
system-comes = Un nouveau est en route.
system-fetching = La boîte va le chercher.
system-fetching-of = La boîte va le chercher : { $done } sur { $all } Mo.
system-waits-of = Il attend. { $done } sur { $all } Mo sont arrivés jusqu’ici.
system-waits = Il attend que la boîte puisse aller le chercher.
system-here = { $here } Mo étaient déjà là.
system-minutes-left = { $minutes ->
    [one] Encore { $minutes } minute, si le réseau reste comme il est.
   *[other] Encore { $minutes } minutes, si le réseau reste comme il est.
}
system-hours-left = { $hours ->
    [one] Encore { $hours } heure, si le réseau reste comme il est.
   *[other] Encore { $hours } heures, si le réseau reste comme il est.
}
system-resumes = Si le réseau ou le courant s’arrête, cela reprend plus tard là où c’était. Les leçons continuent.
system-surveying = La boîte cherche ce qu’elle en a déjà.
system-writing = Il s’écrit à côté de celui qui travaille. Les leçons continuent.
system-writing-of = Il s’écrit à côté de celui qui travaille : { $done } sur { $all } Mo. Les leçons continuent.
system-checking = La boîte le relit encore une fois pour être sûre que tout est juste.
system-staged = Il est prêt. La boîte redémarre toute seule quand personne n’apprend.
system-restart = Il est prêt. La boîte redémarre maintenant et revient dans deux minutes.
system-speed = Vitesse
system-from = Vient de
system-waits-for = Attend
system-last-look = A cherché un nouveau
system-trial = La boîte essaie un nouveau programme. S’il ne va pas bien, l’ancien revient tout seul.
system-fell-back = Un nouveau programme n’allait pas bien ici. L’ancien travaille de nouveau et rien n’est perdu.
system-restart-needed = La boîte change de programme au prochain redémarrage.

## Livres et cours en route

lessons-title = Livres et cours en route
lessons-comes = De nouveaux sont en route.
lessons-fetching = La boîte va les chercher.
lessons-fetching-of = La boîte va les chercher : { $done } sur { $all } Mo.
lessons-waits-of = Ils attendent. { $done } sur { $all } Mo sont arrivés jusqu’ici.
lessons-waits = Ils attendent que la boîte puisse aller les chercher.
lessons-here = { $here } Mo étaient déjà là.
lessons-surveying = La boîte cherche ce qu’elle en a déjà.
lessons-building = La boîte les assemble. Ce qui est là reste jusqu’à ce que tout soit juste.
lessons-building-of = La boîte les assemble : { $done } sur { $all } Mo. Ce qui est là reste jusqu’à ce que tout soit juste.
lessons-importing = La boîte les range, et on peut les lire dans un instant.
lessons-last = Arrivé en dernier
fault-films-wait = La boîte économise sa lumière.
fault-films-wait-do = Les films reviennent avec le soleil. En attendant, tu peux lire, regarder des images et écouter.

## La feuille de bienvenue

welcome-link = La feuille de bienvenue à imprimer
report-link = Un fichier pour le technicien : comment va la boîte, sans aucun nom
welcome-title = Bienvenue à la boîte de l’école
welcome-hello = Bienvenue
welcome-on = Allume la boîte.
welcome-join = Rejoins le réseau.
welcome-open = Ouvre la page.
welcome-on-more = Appuie sur son bouton et attends que la lumière reste allumée.
welcome-join-more = Vise le carré avec l’appareil photo d’un téléphone. Dis oui s’il demande.
welcome-open-more = Vise ce carré, ou écris l’adresse dans un navigateur.
welcome-find = Trouve son réseau.
welcome-find-more = La boîte s’est donné un réseau et une clé à son premier réveil. Ils sont sur la feuille que la boîte imprime elle-même. Écris-les ici.
welcome-open-write = Écris cette adresse dans un navigateur.
welcome-network = Réseau
welcome-key = Clé du réseau
welcome-address = Adresse de la page
welcome-open-air = Ce réseau n’a pas de clé : qui est tout près peut lire ce que les autres envoient.
welcome-key-hidden = La clé est écrite sur l’étiquette de la boîte. Ici, seuls ceux qui ont rejoint le réseau la voient.
welcome-join-code = Code QR qui rejoint le réseau
welcome-open-code = Code QR qui ouvre la page
welcome-print = Imprime cette page et accroche-la là où tout le monde la voit.
welcome-a4 = À imprimer, dans toutes les langues : grande feuille (A4)
welcome-a5 = À imprimer, dans toutes les langues : petite feuille (A5)

## Toutes les places de la radio sont prises

waiting = Toutes les places sont prises.
waiting-place = { $place ->
    [1] Le prochain tour est le tien.
   *[other] Tu es à la place { $place } de la file.
}
waiting-do = Laisse cette page ouverte. Elle regarde encore toute seule, et s’ouvre quand il y a une place pour toi.
waiting-again = Regarder encore

## Les voyants de la boîte : la carte, les fiches, la page

panel-link = Ce que disent les voyants
panel-title = Ce que disent les voyants
panel-now = Les voyants maintenant
panel-all = Tout ce qu’ils peuvent dire
panel-how = Regarde d’abord le voyant d’aide. Il est éteint ? Regarde celui de la batterie, puis les deux du milieu.
panel-legend = Sous chaque voyant : un trait quand il est allumé, un vide quand il est éteint. Un petit tiret : regarde les autres voyants.
panel-button = Tant que tu tiens le bouton, et dix secondes après, les voyants disent ce que fait le bouton.
panel-unseen = Cette page ne voit pas les voyants en ce moment. Regarde la boîte.
panel-means = Ce que cela veut dire
panel-do = Que faire
panel-when = Quand appeler, et que dire
panel-who-nobody = Personne n’a rien à faire.
panel-who-anyone = Tout le monde peut le faire.
panel-who-teacher = L’enseignant peut le faire.
panel-who-technician = C’est pour le technicien.
panel-print-card = À imprimer : la carte des voyants
panel-print-page = À imprimer : cette page pour le mur

panel-well = Voyant batterie vert, toujours allumé
panel-well-means = Tout va bien. La boîte fait tout.
panel-well-a = Apprends !
panel-well-b = Garde le panneau solaire au soleil et enlève la poussière.
panel-well-call = Pas besoin d’appeler.

panel-saving = Voyant batterie orange : longtemps allumé, un peu éteint
panel-saving-means = La boîte économise. Les leçons continuent. Au dépôt, elle se vérifie seulement.
panel-saving-a = Continue les leçons.
panel-saving-b = Ne charge pas de tablettes sur la boîte maintenant.
panel-saving-c = Mets le panneau solaire en plein soleil et enlève la poussière.
panel-saving-call = Appelle si cela dure trois jours de soleil. Dis : « Le voyant batterie est lent. »

panel-low = Voyant batterie rouge : rapide, sans pause
panel-low-means = La batterie est presque vide. La boîte va bientôt dormir. Rien n’est perdu.
panel-low-a = Finis la leçon.
panel-low-b = Débranche les tablettes et le projecteur.
panel-low-c = Mets le panneau solaire en plein soleil et enlève la poussière.
panel-low-d = Attends. Avec assez de soleil, la boîte se réveille toute seule.
panel-low-call = Appelle si c’est ainsi après un jour de soleil. Dis : « Le voyant batterie est rapide. »

panel-resting = Un voyant du milieu est éteint : réseau ou leçons
panel-resting-means = Le réseau dort, ou il n’y a pas de leçons dans la boîte.
panel-resting-a = Appuie une fois sur le bouton. Un réseau qui dort se réveille pour une heure.
panel-resting-b = Le réseau est encore éteint ? Attends deux minutes.
panel-resting-c = Les leçons sont éteintes ? Apporte une clé avec des livres et mets-la dans la boîte.
panel-resting-call = Appelle si le réseau reste éteint le jour. Dis : « Le voyant réseau est éteint. L’aide aussi. »

panel-asleep = Tous les voyants sont éteints
panel-asleep-means = La boîte est éteinte, ou elle dort. Rien n’est perdu.
panel-asleep-a = Appuie une fois sur le bouton et attends une minute.
panel-asleep-b = Toujours éteint ? Vérifie que le câble du panneau solaire est branché.
panel-asleep-c = Mets le panneau solaire en plein soleil et enlève la poussière.
panel-asleep-d = Attends deux heures et appuie encore.
panel-asleep-call = Appelle si tout reste éteint après un jour de soleil. Dis : « Tous les voyants sont éteints. »

panel-look = Voyant d’aide rouge, une fois
panel-look-means = Quelque chose n’est pas comme prévu. Les leçons continuent.
panel-look-a = Continue les leçons.
panel-look-b = Ouvre la page « Comment va la boîte ». Elle dit ce qu’il faut regarder.
panel-look-c = Note ces mots.
panel-look-call = Appelle cette semaine. Dis : « Le voyant rouge clignote une fois. » Puis lis les mots.

panel-disk = Voyant d’aide rouge, deux fois
panel-disk-means = Le disque est plein, ou la boîte ne peut pas y écrire. Tu peux lire. Ce que tu fais peut se perdre.
panel-disk-a = Écris sur papier ce qui compte aujourd’hui.
panel-disk-b = Tiens le bouton jusqu’à ce qu’un seul voyant brille, puis lâche. Attends que tout soit éteint.
panel-disk-c = Appuie une fois sur le bouton et attends une minute.
panel-disk-d = Encore deux fois ? N’apporte rien de nouveau dans la boîte. Continue à lire.
panel-disk-call = Appelle aujourd’hui. Dis : « Le voyant rouge clignote deux fois. »

panel-sensor = Voyant d’aide rouge, trois fois
panel-sensor-means = La boîte ne sent pas sa batterie. Les leçons continuent, mais on ne sait pas combien de temps.
panel-sensor-a = Ne charge pas de tablettes sur la boîte.
panel-sensor-b = Technicien : vérifie que la prise du capteur de batterie est bien mise.
panel-sensor-c = Technicien : il clignote encore ? Change le capteur.
panel-sensor-call = Appelle cette semaine. Dis : « Le voyant rouge clignote trois fois. »

panel-radio = Voyant d’aide rouge, quatre fois
panel-radio-means = Le réseau ne marche pas. La boîte essaie de le réparer toute seule.
panel-radio-a = Attends cinq minutes.
panel-radio-b = Il y a une radio au bout d’un câble ? Débranche-la et rebranche-la.
panel-radio-c = Tiens le bouton jusqu’à ce qu’un seul voyant brille, puis lâche. Attends que tout soit éteint, puis appuie une fois.
panel-radio-call = Appelle si cela dure une demi-heure. Dis : « Le voyant rouge clignote quatre fois. »

panel-stuck = Voyant d’aide rouge, toujours allumé
panel-stuck-means = La boîte n’avance plus. Elle redémarre toute seule. Ce que tu as fait est gardé.
panel-stuck-a = Attends cinq minutes.
panel-stuck-b = Toujours allumé ? Retire toutes les clés.
panel-stuck-c = Tiens le bouton cinq secondes, puis lâche. Attends une minute, puis appuie une fois.
panel-stuck-call = Appelle aujourd’hui si cela revient. Dis : « Le voyant rouge est toujours allumé. »

panel-passed = Réseau et leçons clignotent vite ensemble, aide éteinte
panel-passed-means = Le test est fini. Toutes les pièces vont bien.
panel-passed-a = Écris la date sur l’étiquette de la boîte.
panel-passed-b = Attends. Les voyants habituels reviennent tout seuls.
panel-passed-call = Pas besoin d’appeler.

panel-failed = Réseau, leçons et aide clignotent vite ensemble
panel-failed-means = Le test est fini. Une pièce ne va pas bien.
panel-failed-a = Lis le résultat du test : il nomme la pièce.
panel-failed-b = Vérifie que la prise de cette pièce est bien mise, ou change la pièce.
panel-failed-c = Refais le test.
panel-failed-call = Appelle s’il échoue encore. Dis : « Le test a échoué. » Puis lis le résultat.
