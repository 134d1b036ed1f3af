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
