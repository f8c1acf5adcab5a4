"""Names of sounds that mean no event of ours: data of `match_table`; the form is that of `match_names_events`."""

from __future__ import annotations

OTHER_SOUNDS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        (),
        "speech and what voices do: the task excludes the speaker, and adults are no label",
        """
        Speech; Male speech, man speaking; Female speech, woman speaking; Conversation; Narration, monologue;
        Speech synthesizer; Shout; Bellow; Whoop; Yell; Battle cry; Screaming; Whispering; Laughter; Giggle; Snicker;
        Belly laugh; Chuckle, chortle; Crying, sobbing; Whimper; Wail, moan; Sigh; Groan; Grunt; Chatter; Crowd;
        Hubbub, speech noise, speech babble; Cheering; speaking; talking; man speaking; woman speaking; man talking;
        woman talking; male voice; female voice; male speech; female speech; voice; human voice; person talking;
        person speaking; people talking; people speaking; people chatting; chattering; chatting; background chatter;
        crowd chatter; murmur; murmuring; conversation in the background; background conversation; background voices;
        background speech; distant voices; human speech; speech in the background; announcement; public announcement;
        loudspeaker announcement; PA announcement; announcer; laughing; people laughing; shouting; yelling; reading;
        speech babble; adult speech; 说话声; 人声; 男声; 女声; 男人说话; 女人说话; 谈话声; 人群嘈杂声; 广播声; 笑声
        """,
    ),
    (
        (),
        "a body: no label",
        """
        Breathing; Wheeze; Snoring; Gasp; Pant; Snort; Cough; Throat clearing; Sneeze; Sniff; Chewing, mastication;
        Biting; Gargling; Stomach rumble; Burping, eructation; Hiccup; Fart; Hands; Finger snapping; Clapping;
        Heart sounds, heartbeat; Heart murmur; Applause; Whistling; coughing; sneezing; sniffing; inhale; exhale;
        heavy breathing; lip smacking; mouth sounds; mouth click; chewing; eating; drinking; swallowing; sighing;
        咳嗽声; 呼吸声; 掌声
        """,
    ),
    (
        (),
        "song and music: no label",
        """
        Singing; Male singing; Female singing; Choir; Yodeling; Chant; Mantra; Synthetic singing; Rapping; Humming;
        Music; Pop music; Hip hop music; Beatboxing; Rock music; Heavy metal; Punk rock; Grunge; Progressive rock;
        Rock and roll; Psychedelic rock; Rhythm and blues; Soul music; Reggae; Country; Swing music; Bluegrass; Funk;
        Folk music; Middle Eastern music; Jazz; Disco; Classical music; Opera; Electronic music; House music; Techno;
        Dubstep; Drum and bass; Electronica; Electronic dance music; Ambient music; Trance music;
        Music of Latin America; Salsa music; Flamenco; Blues; Music for children; New-age music; Vocal music;
        A capella; Music of Africa; Afrobeat; Christian music; Gospel music; Music of Asia; Carnatic music;
        Music of Bollywood; Ska; Traditional music; Independent music; Song; Background music; Theme music;
        Jingle (music); Soundtrack music; Lullaby; Video game music; Christmas music; Dance music; Wedding music;
        Happy music; Funny music; Sad music; Tender music; Exciting music; Angry music; Scary music; music playing;
        music in the background; background music playing; soft music; melody; singing voice; 音乐; 背景音乐; 歌声
        """,
    ),
    (
        (),
        "a musical instrument: no label",
        """
        Musical instrument; Plucked string instrument; Guitar; Electric guitar; Bass guitar; Acoustic guitar;
        Steel guitar, slide guitar; Tapping (guitar technique); Strum; Banjo; Sitar; Mandolin; Zither; Ukulele;
        Keyboard (musical); Piano; Electric piano; Organ; Electronic organ; Hammond organ; Synthesizer; Sampler;
        Harpsichord; Percussion; Drum kit; Drum machine; Drum; Snare drum; Rimshot; Drum roll; Bass drum; Timpani;
        Tabla; Cymbal; Hi-hat; Wood block; Tambourine; Rattle (instrument); Maraca; Gong; Tubular bells;
        Mallet percussion; Marimba, xylophone; Glockenspiel; Vibraphone; Steelpan; Orchestra; Brass instrument;
        French horn; Trumpet; Trombone; Bowed string instrument; String section; Violin, fiddle; Pizzicato; Cello;
        Double bass; Wind instrument, woodwind instrument; Flute; Saxophone; Clarinet; Harp; Tuning fork; Chime;
        Wind chime; Harmonica; Accordion; Bagpipes; Didgeridoo; Shofar; Theremin; Singing bowl;
        Scratching (performance technique); Electronic tuner; Effects unit; Chorus effect; piano music; guitar music;
        violin; 钢琴声; 吉他声
        """,
    ),
    (
        (),
        "an animal that is no dog, cat or wild bird",
        """
        Livestock, farm animals, working animals; Horse; Clip-clop; Neigh, whinny; Cattle, bovinae; Moo; Cowbell; Pig;
        Oink; Goat; Bleat; Sheep; Fowl; Chicken, rooster; Cluck; Crowing, cock-a-doodle-doo; Turkey; Gobble; Duck;
        Quack; Goose; Honk; Roaring cats (lions, tigers); Roar; Bird flight, flapping wings; Rodents, rats, mice;
        Mouse; Patter; Insect; Cricket; Mosquito; Fly, housefly; Buzz; Bee, wasp, etc.; Frog; Croak; Snake;
        Whale vocalization; rooster; rooster crowing; chicken; cow; cow mooing; insects buzzing; crickets chirping;
        buzzing; bee buzzing; horse galloping; frog croaking; cicada; wings flapping; 虫鸣; 公鸡打鸣
        """,
    ),
    (
        (),
        "broader than any label: it does not say which",
        """
        Animal; Domestic animals, pets; Wild animals; Vehicle; Motor vehicle (road); Engine;
        Light engine (high frequency); Medium engine (mid frequency); Heavy engine (low frequency); Engine knocking;
        Engine starting; Idling; Accelerating, revving, vroom; Mechanisms; Tools; Power tool; Hiss; Rattle; Squeak;
        Squeal; Creak; Clatter; Clang; Beep, bleep; Ping; Ding; Liquid; pet; vehicle passing; vehicle passing by;
        vehicle engine; engine running; engine idling; engine revving; motor; motor running; machine; machinery;
        mechanical noise; appliance; kitchen appliance; household appliance; electric motor; home appliance; beeping;
        beep; hissing; squeaking; squealing; creaking; rattling; clattering; clanging; clanking; screech; screeching;
        transportation; horn; 引擎声; 发动机声; 机器声; 动物叫声; 蜂鸣声
        """,
    ),
    (
        (),
        "weather, sea and fire: no label",
        """
        Thunderstorm; Thunder; Rain; Raindrop; Rain on surface; Ocean; Waves, surf; Steam; Fire; Crackle; raining;
        rain falling; rainfall; heavy rain; light rain; waves; ocean waves; waves crashing; storm; fire crackling;
        crackling; crackling fire; thunder rumbling; 雨声; 下雨声; 雷声; 海浪声
        """,
    ),
    (
        (),
        "a vehicle or craft that is neither a car, a large vehicle on the road nor a metro, or a part of one",
        """
        Boat, Water vehicle; Sailboat, sailing ship; Rowboat, canoe, kayak; Motorboat, speedboat; Ship;
        Power windows, electric windows; Ice cream truck, ice cream van; Motorcycle; Train whistle; Train horn;
        Aircraft; Aircraft engine; Jet engine; Propeller, airscrew; Helicopter; Fixed-wing aircraft, airplane; Bicycle;
        Skateboard; Foghorn; Steam whistle; Clickety-clack; motorbike; motorcycle engine; motorcycle passing;
        motorcycle revving; scooter; airplane; plane; airplane flying; plane flying overhead; jet; aircraft flying;
        helicopter flying; bike; boat; 摩托车; 飞机; 直升机
        """,
    ),
    (
        (),
        "a thing of the house or a tool without a label",
        """
        Dental drill, dentist's drill; Lawn mower; Chainsaw; Door; Sliding door; Slam; Knock; Tap;
        Cupboard open or close; Drawer open or close; Chopping (food); Microwave oven; Hair dryer; Zipper (clothing);
        Keys jangling; Coin (dropping); Scissors; Shuffling cards; Typing; Typewriter; Computer keyboard; Writing;
        Telephone dialing, DTMF; Dial tone; Busy signal; Whistle; Ratchet, pawl; Clock; Tick; Tick-tock; Gears;
        Pulleys; Sewing machine; Mechanical fan; Air conditioning; Cash register; Printer; Camera;
        Single-lens reflex camera; Hammer; Jackhammer; Sawing; Filing (rasp); Sanding; Drill; Television; Radio;
        door closing; door opening; door slamming; door slam; door creaking; door closes; opening door; knocking;
        door knock; knocking on door; door knocking; tapping; typing on keyboard; keyboard typing; keyboard;
        keyboard clicking; mouse click; mouse clicking; chopping; chopping vegetables; hair dryer running; hairdryer;
        microwave; dishwasher; washing machine; fan; fan running; ventilation; air conditioner; HVAC; refrigerator;
        refrigerator hum; kettle; kettle boiling; a kettle whistling; boiling kettle; clock ticking; ticking;
        ticking clock; drilling; hammering; lawnmower; coffee machine; coffee maker; cash register beep; scanner beep;
        shopping cart; shopping cart rolling; cart; plastic bag; plastic bag rustling; TV;
        television in the background; escalator; door chime; turnstile; suitcase; drawer; cabinet; 关门声; 开门声;
        敲门声; 键盘声; 风扇声; 空调声; 吹风机; 洗衣机
        """,
    ),
    (
        (),
        "a manner of sounding, whatever makes it",
        """
        Explosion; Gunshot, gunfire; Machine gun; Fusillade; Artillery fire; Cap gun; Fireworks; Firecracker;
        Burst, pop; Eruption; Boom; Wood; Chop; Splinter; Crack; Glass; Shatter; Splash, splatter; Slosh; Squish; Drip;
        Spray; Pump (liquid); Stir; Boiling; Sonar; Arrow; Whoosh, swoosh, swish; Thump, thud; Thunk;
        Basketball bounce; Bang; Slap, smack; Whack, thwack; Smash, crash; Breaking; Bouncing; Whip; Flap; Scratch;
        Scrape; Rub; Roll; Crushing; Crumpling, crinkling; Tearing; Rustle; Whir; Clicking; Rumble; Plop;
        Jingle, tinkle; Hum; Zing; Boing; Crunch; Sine wave; Harmonic; Chirp tone; Sound effect; Pulse; click;
        mechanical click; rustling; rustling paper; paper rustling; rumbling; low rumble; whirring; whooshing; thud;
        thump; banging; bump; scraping; scratching; splash; splashing; splashing water; dripping; water dripping;
        dripping water; drip of water; boiling water; water boiling; bubbling; glass breaking; crash; gunshot;
        object dropping; object falling; impact; clunk; crinkling; stirring; handling noise; plastic rustling;
        clothes rustling; fabric rustling; movement; shuffling; 敲击声; 碰撞声; 滴水声; 沙沙声; 嗡嗡声
        """,
    ),
    (
        (),
        "a recording or a room, no event in it",
        """
        Silence; Inside, small room; Inside, large room or hall; Inside, public space; Outside, urban or manmade;
        Outside, rural or natural; Reverberation; Echo; Noise; Environmental noise; Static; Mains hum; Distortion;
        Sidetone; Cacophony; White noise; Pink noise; Throbbing; Vibration; Field recording; background noise;
        ambient noise; ambience; background hum; quiet; indoor ambience; outdoor ambience; room tone; room noise;
        indoor noise; white noise hiss; electrical hum; electric hum; humming sound in the background;
        buzzing noise in the background; low hum; constant hum; microphone noise; microphone handling; interference;
        feedback; general noise; unknown; noise in the background; 背景噪音; 背景噪声; 环境噪音; 噪音; 静音; 环境音
        """,
    ),
)
