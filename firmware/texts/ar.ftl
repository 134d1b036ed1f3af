### ما يقوله الصندوق بالعربية.

language-name = العربية
direction = rtl
digits = ٠١٢٣٤٥٦٧٨٩
decimal-mark = .

## كل صفحة

box-name = صندوق المدرسة
skip = اذهب إلى الصفحة
languages = اختر لغتك
state-link = كيف حال الصندوق
go-home = اذهب إلى الصفحة الأولى
leaf-name = صفحات أخرى
leaf-before = السابق
leaf-after = المزيد

## البطارية

energy-mains = الصندوق موصول بالكهرباء. يستطيع أن يعلّم طوال اليوم.
energy-unread = الصندوق يستيقظ وينظر إلى بطاريته.
energy-silent = الصندوق لا يشعر ببطاريته الآن.
energy-silent-do = يمكنك أن تكمل. ليتفقد شخص كبير الأسلاك.
energy-sun-fills = الشمس تملأ البطارية.
energy-fills = البطارية تمتلئ.
energy-full = البطارية ممتلئة.
energy-percent = البطارية: { $percent }٪
energy-percent-about = البطارية حين شعر بها الصندوق آخر مرة: { $percent }٪
energy-percent-between = البطارية: بين { $low } و{ $high }٪

energy-teach-until = يستطيع الصندوق أن يعلّم حتى الساعة { $time }.
energy-teach-days = { $days ->
    [zero] يستطيع الصندوق أن يعلّم أقل من يوم.
    [one] يستطيع الصندوق أن يعلّم يومًا واحدًا.
    [two] يستطيع الصندوق أن يعلّم يومين.
    [few] يستطيع الصندوق أن يعلّم { $days } أيام.
    [many] يستطيع الصندوق أن يعلّم { $days } يومًا.
   *[other] يستطيع الصندوق أن يعلّم { $days } يوم.
}
energy-teach-hours = { $hours ->
    [zero] يستطيع الصندوق أن يعلّم أقل من ساعة.
    [one] يستطيع الصندوق أن يعلّم ساعة واحدة.
    [two] يستطيع الصندوق أن يعلّم ساعتين.
    [few] يستطيع الصندوق أن يعلّم { $hours } ساعات.
    [many] يستطيع الصندوق أن يعلّم { $hours } ساعة.
   *[other] يستطيع الصندوق أن يعلّم { $hours } ساعة.
}
energy-teach-minutes = { $minutes ->
    [zero] يستطيع الصندوق أن يعلّم أقل من دقيقة.
    [one] يستطيع الصندوق أن يعلّم دقيقة واحدة.
    [two] يستطيع الصندوق أن يعلّم دقيقتين.
    [few] يستطيع الصندوق أن يعلّم { $minutes } دقائق.
    [many] يستطيع الصندوق أن يعلّم { $minutes } دقيقة.
   *[other] يستطيع الصندوق أن يعلّم { $minutes } دقيقة.
}
energy-teach-least-hours = { $hours ->
    [zero] يستطيع الصندوق أن يعلّم أقل من ساعة.
    [one] يستطيع الصندوق أن يعلّم ساعة واحدة على الأقل.
    [two] يستطيع الصندوق أن يعلّم ساعتين على الأقل.
    [few] يستطيع الصندوق أن يعلّم { $hours } ساعات على الأقل.
    [many] يستطيع الصندوق أن يعلّم { $hours } ساعة على الأقل.
   *[other] يستطيع الصندوق أن يعلّم { $hours } ساعة على الأقل.
}
energy-teach-least-minutes = { $minutes ->
    [zero] يستطيع الصندوق أن يعلّم أقل من دقيقة.
    [one] يستطيع الصندوق أن يعلّم دقيقة واحدة على الأقل.
    [two] يستطيع الصندوق أن يعلّم دقيقتين على الأقل.
    [few] يستطيع الصندوق أن يعلّم { $minutes } دقائق على الأقل.
    [many] يستطيع الصندوق أن يعلّم { $minutes } دقيقة على الأقل.
   *[other] يستطيع الصندوق أن يعلّم { $minutes } دقيقة على الأقل.
}
energy-teach-all-day = يستطيع الصندوق أن يعلّم طوال اليوم.
energy-teach-learning = ما زال الصندوق يتعرّف إلى بطاريته.
energy-teach-ending = الصندوق ذاهب إلى النوم.
energy-teach-soon = البطارية فارغة تقريبًا.
energy-teach-unknown = الصندوق جاهز.

energy-filled-until = تمتلئ الساعة { $time }.
energy-filled-days = { $days ->
    [zero] تمتلئ خلال أقل من يوم.
    [one] تمتلئ خلال يوم تقريبًا.
    [two] تمتلئ خلال يومين تقريبًا.
    [few] تمتلئ خلال { $days } أيام تقريبًا.
    [many] تمتلئ خلال { $days } يومًا تقريبًا.
   *[other] تمتلئ خلال { $days } يوم تقريبًا.
}
energy-filled-hours = { $hours ->
    [zero] تمتلئ خلال أقل من ساعة.
    [one] تمتلئ خلال ساعة تقريبًا.
    [two] تمتلئ خلال ساعتين تقريبًا.
    [few] تمتلئ خلال { $hours } ساعات تقريبًا.
    [many] تمتلئ خلال { $hours } ساعة تقريبًا.
   *[other] تمتلئ خلال { $hours } ساعة تقريبًا.
}
energy-filled-minutes = { $minutes ->
    [zero] تمتلئ خلال أقل من دقيقة.
    [one] تمتلئ خلال دقيقة تقريبًا.
    [two] تمتلئ خلال دقيقتين تقريبًا.
    [few] تمتلئ خلال { $minutes } دقائق تقريبًا.
    [many] تمتلئ خلال { $minutes } دقيقة تقريبًا.
   *[other] تمتلئ خلال { $minutes } دقيقة تقريبًا.
}
energy-filled-soon = ممتلئة تقريبًا.
energy-filled-unknown = تحتاج إلى بعض الوقت.

saving-some = الصندوق يوفّر الطاقة. الدروس تعمل. من فضلك لا تشحن الأجهزة اللوحية من الصندوق الآن.
saving-much = البطارية ضعيفة. شاشات قليلة فقط تستطيع التعلّم الآن. تشاركوا شاشة واحدة، وضعوا اللوح في الشمس.
saving-ending = سينام الصندوق قريبًا. ما فعلته محفوظ. ضع اللوح في الشمس ليستيقظ.
saving-ending-forgotten = سينام الصندوق قريبًا. ضع اللوح في الشمس ليستيقظ.

forgets = لا يستطيع الصندوق أن يتذكّر شيئًا اليوم.
forgets-do = يمكنك أن تقرأ وتتعلّم. ما تفعله الآن لا يُحفظ: اكتبه على ورقة، وأخبر معلّمك أو معلّمتك.

## ما يمكن قراءته

packs-title = ماذا يمكنك أن تتعلّم
packs-none = لا توجد كتب في الصندوق بعد.
packs-none-do = اطلب من شخص كبير أن يحضر ذاكرة فيها كتب ويضعها في الصندوق.
start-title = ابدأ من هنا
start-text = كيف تستعمل هذا الصندوق، مع صور.

search-label = ماذا تريد أن تعرف؟
search-go = ابحث
search-title = البحث
search-ask = اكتب كلمة، مثلًا: ماء.
search-nothing = لم يجد الصندوق شيئًا. جرّب كلمة أخرى، أو كلمة أقصر.
search-best = هذه أنسب الصفحات.
search-found = { $count ->
    [zero] لم يجد الصندوق أي صفحة.
    [one] وجد الصندوق صفحة واحدة.
    [two] وجد الصندوق صفحتين.
    [few] وجد الصندوق { $count } صفحات.
    [many] وجد الصندوق { $count } صفحة.
   *[other] وجد الصندوق { $count } صفحة.
}

## الشمس وخطة اليوم

sun-link = الشمس وخطة اليوم
sun-title = الشمس وخطة اليوم
chart-name = البطارية والشمس في آخر ٢٤ ساعة وفي ٢٤ ساعة القادمة، في رسم. الكلمات في الأسفل تقول الشيء نفسه.
chart-now = الآن
chart-full = 100٪
legend-charge = البطارية
legend-expected = ما يتوقعه الصندوق
legend-sun = الشمس
legend-reserve = محفوظ للحاجة
day-full = كل شيء يعمل
day-eco = توفير
day-minimal = شاشات قليلة
day-off = نائم
day-battery = البطارية { $percent }٪
day-sun = الشمس { $energy } واط ساعة
day-ahead = بعد { $from } إلى { $to } ساعة
day-ago = قبل { $from } إلى { $to } ساعة
plan-title = الخطة
plan-none = يضع الصندوق خطته بعد أن ينظر إلى بطاريته قليلًا.
plan-full = كل شيء يعمل.
plan-full-until = كل شيء يعمل حتى الساعة { $time }.
plan-eco = الصندوق يوفّر الطاقة.
plan-eco-until = الصندوق يوفّر الطاقة حتى الساعة { $time }.
plan-minimal = شاشات قليلة فقط تستطيع التعلّم.
plan-minimal-until = شاشات قليلة فقط تستطيع التعلّم حتى الساعة { $time }.
plan-off = الصندوق نائم.
plan-off-until = الصندوق نائم حتى الساعة { $time }.
why-pack-cut = أطفأت البطارية نفسها لتبقى سليمة.
why-reserve = لم يبق في البطارية إلا المحفوظ للحاجة.
why-thresholds = لم يكن الطقس كما ظنّ الصندوق، فهو ينظر إلى البطارية وحدها.
why-plenty = في البطارية والشمس ما يكفي لكل شيء.
why-film = الصفّ يشاهد فيلمه.
why-for-film = هكذا يمكن عرض الفيلم.
why-balanced = هذا ما تسمح به شمس الأيام القادمة.
why-evening-today = هكذا يكون لصفّ المساء ضوء.
why-lessons-today = هكذا يكون لدروس اليوم ضوء.
why-evening-tomorrow = هكذا يكون لصفّ مساء الغد ضوء.
why-lessons-tomorrow = هكذا يكون لدروس الغد ضوء.
why-next-day = هكذا يكون ليوم الدراسة القادم ضوء.
last-title = آخر ٢٤ ساعة
sun-today = أعطى اللوح { $energy } واط ساعة اليوم.
sun-today-none = لم يسمع الصندوق شيئًا من اللوح اليوم.
sun-expected = سيعطي غالبًا بين { $low } و{ $high } واط ساعة أخرى اليوم.
tablets-yes = يمكن شحن الأجهزة اللوحية من الصندوق الآن.
tablets-no = من فضلك لا تشحن الأجهزة اللوحية من الصندوق الآن.
film-title = فيلم للصفّ
film-start = يبدأ الساعة
film-length = مدته
film-go = اسأل الصندوق
film-until = حتى الساعة { $time } فقط.
film-no = ليس اليوم. الدروس تحتاج إلى الضوء.
film-not-today = هذا لا يتّسع له اليوم. اختر وقتًا آخر.
film-book = احفظ الضوء لهذا الفيلم
film-cancel = لا نحتاج إلى فيلم
film-no-clock = ليس في الصندوق ساعة موثوقة، فلا يستطيع أن يخطّط لفيلم.
film-late = فات وقت الفيلم اليوم.
film-no-answer = لم يجب الصندوق. اسأل مرة أخرى بعد دقيقة.
film-minutes = { $minutes ->
    [zero] أقل من دقيقة
    [one] دقيقة واحدة
    [two] دقيقتان
    [few] { $minutes } دقائق
    [many] { $minutes } دقيقة
   *[other] { $minutes } دقيقة
}
film-yes = { $minutes ->
    [zero] نعم، أقل من دقيقة الساعة { $time }.
    [one] نعم، دقيقة واحدة الساعة { $time }.
    [two] نعم، دقيقتان الساعة { $time }.
    [few] نعم، { $minutes } دقائق الساعة { $time }.
    [many] نعم، { $minutes } دقيقة الساعة { $time }.
   *[other] نعم، { $minutes } دقيقة الساعة { $time }.
}
film-booked = { $minutes ->
    [zero] يحفظ الصندوق ضوءًا لفيلم: أقل من دقيقة الساعة { $time }.
    [one] يحفظ الصندوق ضوءًا لفيلم: دقيقة واحدة الساعة { $time }.
    [two] يحفظ الصندوق ضوءًا لفيلم: دقيقتان الساعة { $time }.
    [few] يحفظ الصندوق ضوءًا لفيلم: { $minutes } دقائق الساعة { $time }.
    [many] يحفظ الصندوق ضوءًا لفيلم: { $minutes } دقيقة الساعة { $time }.
   *[other] يحفظ الصندوق ضوءًا لفيلم: { $minutes } دقيقة الساعة { $time }.
}

## حين يحدث خطأ

fault-kept = لم يضع شيء. ما فعلته محفوظ.
fault-no-page = هذه الصفحة ليست هنا.
fault-no-page-do = ارجع إلى الوراء، أو ابحث عنها من الصفحة الأولى.
fault-no-pack = هذا الكتاب ليس في الصندوق.
fault-no-pack-do = الصفحة الأولى تعرض كل الكتب الموجودة هنا.
fault-not-understood = لم يفهم الصندوق ذلك.
fault-not-understood-do = اذهب إلى الصفحة الأولى وحاول من هناك مرة أخرى.
fault-too-long = هذا العنوان أطول مما يتحمّله الصندوق.
fault-too-long-do = اذهب إلى الصفحة الأولى وحاول من هناك مرة أخرى.
fault-too-large = هذا أكبر مما يتحمّله الصندوق.
fault-too-large-do = جرّب ملفًا أصغر.
fault-ours = أخطأ الصندوق.
fault-ours-do = انتظر قليلًا وحاول مرة أخرى. إذا تكرّر الخطأ فأخبر معلّمك أو معلّمتك.
fault-busy = الصندوق يساعد أطفالًا كثيرين الآن.
fault-busy-do = انتظر قليلًا وحاول مرة أخرى.

## كيف حال الصندوق: للمعلّمين والتقنيين

state-title = كيف حال الصندوق
state-well = كل شيء يعمل.
state-help = هذا يحتاج إلى نظرة
state-battery = البطارية
state-charge = الشحن
state-charge-last = الشحن، حين شعر به آخر مرة
state-charge-band = الشحن بالتأكيد بين
state-flow = البطارية
flow-charging = تمتلئ
flow-discharging = تعطي الطاقة
flow-idle = ترتاح
flow-full = ممتلئة
flow-unknown = لا يشعر بها الصندوق
state-voltage = الجهد
state-current = التيار (+ امتلاء)
state-temperature = الحرارة
state-solar = من اللوح الشمسي
state-measured = آخر قياس
state-ago = { $seconds ->
    [zero] الآن
    [one] قبل ثانية واحدة
    [two] قبل ثانيتين
    [few] قبل { $seconds } ثوانٍ
    [many] قبل { $seconds } ثانية
   *[other] قبل { $seconds } ثانية
}
state-work = العمل
state-power = حالة الطاقة
power-full = كل شيء يعمل
power-eco = توفير: لا شحن للأجهزة اللوحية
power-minimal = توفير: قرّاء قليلون في وقت واحد
power-off = ينطفئ
power-storage = يستعدّ للتخزين
state-readers = اتصالات في وقت واحد
state-radio = البث اللاسلكي
state-radio-off = متوقف
state-radio-on = { $count ->
    [zero] يعمل، بلا أجهزة
    [one] يعمل، جهاز واحد
    [two] يعمل، جهازان
    [few] يعمل، { $count } أجهزة
    [many] يعمل، { $count } جهازًا
   *[other] يعمل، { $count } جهاز
}
state-awake = مستيقظ منذ
state-awake-for = { $hours } س { $minutes } د
state-time = الوقت في المدرسة
state-time-unknown = غير معروف: ليس في الصندوق ساعة موثوقة
state-store = المخزن
state-packs = الكتب والدروس
state-packs-size = حجم الكتب والدروس
state-free = المتاح على القرص
state-records = سجلات التعلّم
state-written = آخر كتابة على القرص
state-slot = النظام في الموضع
fault-films-wait = الصندوق يوفّر نوره الآن.
fault-films-wait-do = تعود الأفلام مع الشمس. وحتى ذلك الحين تستطيع أن تقرأ وتنظر إلى الصور وتستمع.
