"""A leaf: the common English words that every world is written with; data only."""


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


NOUNS = _listed(
    """
    time year people way day man thing woman life child world school state family student group
    country problem hand part place case week company system program question work number night
    point home water room mother area money story fact month lot right study book eye job word
    business issue side kind head house service friend father power hour game line end member
    law car city community name president team minute idea body information back parent face
    level office door health person art war history party result change morning reason research
    girl boy guy moment air teacher force education foot dog cat horse bird fish tree flower
    river mountain sea lake rain snow wind sun moon star fire stone road bridge boat train ship
    wall window table chair bed lamp clock letter paper pen picture song music dance dream voice
    heart mind arm leg hair shoe coat hat shirt ring gold silver bread milk butter cheese apple
    egg sugar salt tea coffee soup cake meal kitchen garden farm field forest village town
    market shop street church king queen doctor farmer baker sailor soldier writer singer baby
    brother sister uncle summer winter spring evening season color light sound smell taste smile
    answer lesson plan price cost bag box bottle cup plate knife key map gift ball wheel machine
    phone camera computer paint glass iron wood leaf seed grass hill valley island beach sand
    wave cloud storm ice shadow corner floor roof hall stage board page film movie news report
    test rule order step
    """
)

# present and past
VERBS: tuple[tuple[str, str], ...] = tuple(
    (present, past)
    for present, _, past in (
        pair.partition("/")
        for pair in _listed(
            """
            be/was have/had do/did say/said get/got make/made go/went know/knew take/took
            see/saw come/came think/thought look/looked want/wanted give/gave use/used
            find/found tell/told ask/asked work/worked seem/seemed feel/felt try/tried
            leave/left call/called need/needed become/became keep/kept let/let begin/began
            help/helped show/showed hear/heard play/played run/ran move/moved like/liked
            live/lived believe/believed hold/held bring/brought happen/happened write/wrote
            sit/sat stand/stood lose/lost pay/paid meet/met learn/learned change/changed
            lead/led understand/understood watch/watched follow/followed stop/stopped
            create/created speak/spoke read/read spend/spent grow/grew open/opened walk/walked
            win/won teach/taught offer/offered remember/remembered love/loved
            consider/considered appear/appeared buy/bought wait/waited serve/served die/died
            send/sent build/built stay/stayed fall/fell cut/cut reach/reached kill/killed
            raise/raised pass/passed sell/sold decide/decided return/returned explain/explained
            hope/hoped carry/carried break/broke receive/received agree/agreed hit/hit eat/ate
            cover/covered catch/caught draw/drew choose/chose cause/caused turn/turned
            start/started wear/wore drink/drank sleep/slept sing/sang fly/flew throw/threw
            forget/forgot drive/drove close/closed wash/washed
            """
        )
    )
)

ADJECTIVES = _listed(
    """
    good new first last long great little own other old right big high different small large
    next early young important few public bad same able free sure full special easy clear recent
    certain personal open red difficult available likely short single medical current wrong
    private past foreign fine common poor natural significant similar hot dead central happy
    serious ready simple left physical general blue dark various entire close legal cold final
    main green nice huge popular traditional cultural warm strong quick slow quiet loud soft
    hard sweet bright clean dirty empty heavy rich deep wide tall thin thick round flat wet dry
    white black brown yellow kind brave proud tired hungry sad angry busy lucky strange true
    real whole
    """
)

ADVERBS = _listed(
    """
    up so out just now how then more also here well only very even back there down still in as
    too when never really most again already always often together later almost ever far away
    once perhaps soon quite maybe today yesterday tomorrow slowly quickly suddenly usually
    finally
    """
)

PREPOSITIONS = _listed(
    """
    of in to for with on at from by about into through after over between out against during
    without before under around among near behind across along beside above below until since
    """
)

PRONOUNS = (
    ("I", "me"),
    ("you", "you"),
    ("he", "him"),
    ("she", "her"),
    ("it", "it"),
    ("we", "us"),
    ("they", "them"),
)

LINKS = _listed(
    """
    and but or because while although so if than that which who where what why whether
    """
)

NUMBERS = _listed(
    """
    one two three four five six seven eight nine ten eleven twelve twenty thirty hundred
    """
)

COLOURS = _listed(
    """
    red blue green yellow white black brown grey pink orange purple silver gold
    """
)

ANIMALS = _listed(
    """
    dog cat horse cow goat sheep pig hen duck goose fox wolf bear deer mouse rabbit owl crow
    frog turtle bee spider snake lion tiger monkey elephant whale
    """
)

TRADES = _listed(
    """
    baker farmer doctor teacher sailor singer writer painter cook driver tailor builder miller
    fisher smith nurse guard judge clerk gardener hunter weaver
    """
)

FOODS = _listed(
    """
    bread milk butter cheese apple egg sugar salt honey rice bean potato carrot onion tomato
    mushroom fish chicken lemon pepper flour oil nut berry pear plum
    """
)

VESSELS = _listed(
    """
    soup pie stew cake bread salad tea jam
    """
)

ONSETS = _listed(
    """
    b br c ch d dr f fl g gr h j k kl l m n p pr r s sh st t th tr v w y z
    """
)

VOWELS = _listed(
    """
    a e i o u ai ea ei ia oa oo au
    """
)

CODAS = ("", "", "", "l", "m", "n", "r", "s", "th", "k", "nd", "rn", "sk")
