"""Names of sounds and the events that they mean: data of `match_table`.

Each group: the labels, why, and the names, separated by ";". Every class of AudioSet (Gemmeke et al., 2017, "Audio Set:
an ontology and human-labeled dataset for audio events") is here or in `match_names_others` under its display name,
beside what audio language models write. What a label covers follows the corpora: DESED's classes are merged AudioSet
classes (alarms, bells and ringing are one), MAESTRO-Real's are what is heard in a street, a shop or on a platform.
"""

from __future__ import annotations

EVENT_GROUPS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("Alarm Bell Ringing",),
        "an alarm, a siren, or a bell or telephone that rings",
        """
        Alarm; Alarm clock; Siren; Civil defense siren; Buzzer; Smoke detector, smoke alarm; Fire alarm; Car alarm;
        Telephone; Telephone bell ringing; Ringtone; Bell; Church bell; Bicycle bell; Jingle bell; Doorbell; Ding-dong;
        Change ringing (campanology); Police car (siren); Ambulance (siren); Fire engine, fire truck (siren);
        Emergency vehicle; alarm ringing; alarm bell; alarm beeping; alarm clock ringing; alarm clock beeping;
        bell ringing; ringing bell; ringing; phone ringing; telephone ringing; telephone ring; phone; phone ring;
        smoke detector; smoke alarm; smoke alarm beeping; siren wailing; police siren; ambulance siren; ambulance;
        fire truck siren; emergency siren; emergency vehicle siren; fire engine; doorbell ringing;
        church bells ringing; alarm going off; timer ringing; bicycle bell ringing; 警报; 闹钟; 铃声; 电话铃声; 警笛声;
        门铃声; 钟声
        """,
    ),
    (
        ("Blender",),
        "a kitchen machine whose motor turns a blade or a whisk",
        """
        food processor; blender running; blender whirring; mixer; kitchen mixer; hand mixer; electric mixer; juicer;
        smoothie maker; kitchen blender; blending; coffee grinder; stand mixer; immersion blender; 搅拌机; 榨汁机;
        料理机
        """,
    ),
    (
        ("Cat",),
        "a cat's voice",
        """
        Purr; Meow; Caterwaul; cat meowing; meowing; cat purring; purring; cat meow; meowing cat; kitten;
        kitten meowing; cat hissing; cat yowling; cat crying; 猫; 猫叫
        """,
    ),
    (
        ("Dishes",),
        "plates, glasses, pots or cutlery that touch",
        """
        Dishes, pots, and pans; Cutlery, silverware; Chink, clink; dish; dishes clinking; dishes clattering;
        dishes clanking; clinking dishes; clattering dishes; clinking; clinking glasses; glasses clinking;
        glass clinking; cutlery; cutlery clinking; cutlery and dishes; silverware; silverware clinking;
        plates clinking; plates; pots and pans; pots and pans clanging; utensils; utensils clinking; kitchen utensils;
        dishwashing; washing dishes; dish washing; crockery; tableware; cups clinking; clattering of dishes;
        clinking of dishes; spoon; fork; cup; 餐具; 碗碟声; 餐具碰撞声; 盘子
        """,
    ),
    (
        ("Dog",),
        "a dog's voice",
        """
        Bark; Yip; Howl; Bow-wow; Growling; Whimper (dog); Canidae, dogs, wolves; dog barking; dog bark; barking dog;
        barking; woof; puppy; dog growling; dog howling; dog whining; dog whimpering; dog panting; puppy barking;
        howling dog; 狗; 狗叫; 犬吠
        """,
    ),
    (
        ("Electric Shaver Toothbrush",),
        "a small motor held at the face: one label for shavers and toothbrushes",
        """
        Electric shaver, electric razor; Electric toothbrush; Toothbrush; electric shaver; electric razor; razor;
        shaver; shaving; brushing teeth; tooth brushing; teeth brushing; hair clipper; electric hair clipper; trimmer;
        hair trimmer; beard trimmer; electric trimmer; 电动剃须刀; 剃须刀; 电动牙刷; 牙刷; 刷牙声
        """,
    ),
    (
        ("Frying",),
        "food in hot fat",
        """
        Frying (food); Sizzle; frying food; food frying; sizzling; sizzling food; food sizzling; frying pan;
        sizzling pan; pan frying; deep frying; stir frying; oil sizzling; sizzling oil; bacon sizzling; bacon frying;
        cooking; cooking sizzling; 煎炸声; 油炸声; 炒菜声
        """,
    ),
    (
        ("Running Water",),
        "water or another liquid that flows",
        """
        Water; Stream; Waterfall; Water tap, faucet; Sink (filling or washing); Bathtub (filling or washing); Pour;
        Trickle, dribble; Gush; Fill (with liquid); Gurgling; Toilet flush; water running; running tap; faucet;
        tap water; water tap; water faucet; faucet running; tap running; running faucet; sink; water flowing;
        flowing water; water pouring; pouring water; pouring; pouring liquid; water stream; stream flowing; shower;
        shower running; water trickling; trickling water; water splashing; bathtub; bath; toilet flushing; flushing;
        flushing toilet; water gurgling; water in a sink; creek; river; brook; kitchen sink; 流水; 水声; 水龙头;
        水流声; 冲水声; 淋浴声
        """,
    ),
    (
        ("Vacuum Cleaner",),
        "a vacuum cleaner",
        """
        vacuum; vacuuming; vacuum cleaner running; vacuum cleaning; hoover; hoovering; vacuum running; handheld vacuum;
        carpet cleaner; 吸尘器
        """,
    ),
    (
        ("Birds Singing",),
        "the voice of a wild bird",
        """
        Bird; Bird vocalization, bird call, bird song; Chirp, tweet; Squawk; Pigeon, dove; Coo; Crow; Caw; Owl; Hoot;
        bird song; birdsong; bird call; bird chirping; chirping birds; chirping; chirp; tweet; tweeting;
        birds tweeting; singing birds; seagull; seagulls calling; pigeon; pigeons cooing; crow cawing; cawing; sparrow;
        birds calling; bird vocalization; songbird; cooing; hooting; owl hooting; 鸟叫; 鸟鸣; 鸟; 鸟儿鸣叫
        """,
    ),
    (
        ("Brakes Squeaking",),
        "a vehicle or train that brakes, or its wheels",
        """
        Air brake; Skidding; Tire squeal; Train wheels squealing; brakes; brake squeal; brakes squealing;
        squealing brakes; squeaking brakes; squeaky brakes; brakes screeching; screeching brakes; tires squealing;
        tires screeching; screeching tires; tire screech; train brakes; car brakes; braking; vehicle braking;
        bus brakes; train braking; car skidding; 刹车
        """,
    ),
    (
        ("Car",),
        "a car, or traffic, which is mostly cars",
        """
        Vehicle horn, car horn, honking; Toot; Car passing by; Race car, auto racing; Traffic noise, roadway noise;
        traffic; street traffic; road traffic; road noise; car passing; passing car; car engine; car driving;
        car driving by; car horn; car honking; honking; honking horn; horn honking; vehicle horn; car door;
        car engine starting; car starting; car idling; car engine idling; automobile; distant traffic; city traffic;
        traffic in the distance; highway traffic; taxi; car accelerating; driving; light traffic; heavy traffic;
        passing traffic; traffic passing; roadway noise; car revving; 汽车; 汽车行驶声; 车声; 车流声; 交通噪音;
        汽车喇叭声; 喇叭声; 车辆经过
        """,
    ),
    (
        ("Children Voices",),
        "the voice of a child or baby",
        """
        Child speech, kid speaking; Babbling; Children shouting; Child singing; Children playing; Baby laughter;
        Baby cry, infant cry; children; child; kids; children talking; kids talking; kids playing; child voice;
        child's voice; children's voices; children laughing; kids laughing; child laughing; child crying;
        children screaming; children yelling; kids shouting; child talking; child speaking; child speech; baby;
        baby crying; crying baby; baby babbling; baby cooing; infant crying; toddler; children chatter;
        child screaming; infant; baby laughing; baby talking; kids yelling; kids screaming; 孩子的声音; 儿童声音;
        孩子说话; 小孩说话声; 婴儿哭声; 孩子笑声; 儿童嬉戏声
        """,
    ),
    (
        ("Footsteps",),
        "someone who walks or runs",
        """
        Walk, footsteps; Run; Shuffle; walking; steps; person walking; people walking; foot steps; walking footsteps;
        running footsteps; footfalls; someone walking; walking on gravel; footsteps on gravel; footsteps on stairs;
        walking on snow; running; jogging; high heels; heels clicking; shoes; stomping; 脚步声; 走路声; 行走声; 跑步声
        """,
    ),
    (
        ("Large Vehicle",),
        "a bus, a lorry or another large vehicle on the road",
        """
        Truck; Bus; Air horn, truck horn; Reversing beeps; truck engine; truck passing; truck driving; truck horn;
        bus engine; bus passing; bus driving; lorry; passing truck; passing bus; large truck; heavy vehicle;
        heavy truck; bus idling; truck idling; truck reversing; truck backing up; tram; tramway; trolleybus;
        diesel engine; diesel truck; garbage truck; tractor; tractor engine; bulldozer; coach; 卡车; 公交车; 公共汽车;
        大型车辆; 货车
        """,
    ),
    (
        ("Metro Approaching",),
        "a train that comes",
        """
        train approaching; approaching train; train arriving; train arrival; arriving train; subway approaching;
        subway arriving; subway train arriving; subway train approaching; metro arriving; metro arrival;
        metro train approaching; train pulling in; train entering the station; train coming; 地铁进站; 列车进站;
        火车进站
        """,
    ),
    (
        ("Metro Leaving",),
        "a train that goes",
        """
        train leaving; train departing; departing train; train departure; subway leaving; subway departing;
        subway train departing; subway train leaving; metro departing; metro departure; train pulling out;
        train pulling away; train moving away; leaving train; 地铁离站; 地铁出站; 列车离站; 列车出站; 火车离站
        """,
    ),
    (
        ("Metro Approaching", "Metro Leaving"),
        "a train: the name does not say whether it comes or goes, so it stands for both",
        """
        Train; Rail transport; Railroad car, train wagon; Subway, metro, underground; subway train; subway; metro;
        metro train; underground train; train passing; train passing by; passing train; train moving; train rumbling;
        train on tracks; train engine; rail; railway; subway passing; metro passing; commuter train; train running;
        moving train; 地铁; 地铁列车; 火车; 列车; 列车行驶声
        """,
    ),
    (
        ("Wind Blowing",),
        "wind, in the open, in leaves or on the microphone",
        """
        Wind; Wind noise (microphone); Rustling leaves; blowing wind; windy; breeze; gust of wind; wind gust;
        wind howling; howling wind; strong wind; light wind; gentle breeze; leaves rustling; wind rustling leaves;
        wind in the trees; wind rushing; gusty wind; microphone wind noise; wind on microphone; 风; 刮风声; 树叶沙沙声
        """,
    ),
)
