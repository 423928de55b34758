"""English verbs by how far they can be told from nouns and adjectives where they open a text.

Written for this library. Regular forms are derived by ``_ifbench_verbs``; irregular ones stand here.
"""

from __future__ import annotations

__all__ = ["ADJECTIVES_ING", "AUXILIARIES", "EITHER", "IRREGULAR", "MAINLY_NOUNS", "NOUNS_ING", "PARTICIPLES", "VERBS"]

VERBS = frozenset(
    """abandon abate abbreviate abet abhor abide abolish abound abridge absolve absorb abstain abut accelerate
    accentuate accept acclimate accommodate accompany accomplish accost accumulate accuse achieve acknowledge
    acquaint acquiesce acquire act activate adapt add adhere adjoin adjourn adjudicate adjust administer admire
    admit admonish adopt adore adorn advertise advise affirm affix afflict afford agitate agree alert align allege
    alleviate allocate allot allow allude allure alter amass amble ameliorate amend amplify amputate amuse analyse
    analyze annihilate annotate announce annoy anoint anonymize anticipate apologise apologize appear appease append
    applaud apply appoint appraise appreciate apprehend approve argue arise arouse arrange arrive articulate ascend
    ascertain ascribe ask aspire assemble assert assess assign assimilate assist assuage assume assure astonish
    atone attach attain attend attenuate attest attract attune augment authenticate authorise authorize automate
    avenge avert avoid await awaken babysit backtrack baffle bake balk banish barter bask bathe bawl beat beckon
    become bedazzle befit befriend beg begin behave behold belch belie believe belittle belong bemoan bemuse
    bequeath berate beseech beset besiege bestow bestride betray beware bewilder bicker bind bite blabber blacken
    blend bless blindfold blink blur blurt boil bolster bombard bookmark borrow botch braid brainstorm brainwash
    braise brandish break breathe bribe brighten bring broach broaden broil brood browse build buoy burgle burn
    burnish burrow bury buy bypass cajole calculate calibrate call cancel captivate capture caramelise caramelize
    caress carpool carry carve catapult catch categorise categorize cater cavort cease celebrate centralise
    centralize certify chafe characterise characterize chastise check cherish chew chide chisel choke chomp choose
    chop chuckle churn circulate circumvent cite clamber clarify clasp classify clean cleanse clench climb cling
    clobber clutch coalesce coddle coerce coexist collaborate collate collect collide combine come commandeer
    commemorate commence commend commiserate commit communicate commute compare compel compensate compete compile
    complain comply compose comprehend compress comprise compute conceal concede conceive concentrate conclude
    concoct concur condemn condense condone confess confide configure confine confirm confiscate conform confront
    confuse congratulate congregate conjugate conjure connect connote conquer consecrate conserve consider consign
    consist consolidate conspire constitute constrain consult consume consummate contain contaminate contemplate
    contend contextualise contextualize continue contort contradict contravene contribute convene converse convert
    convey convince cook cooperate cope corral correlate correspond corroborate counteract covet cower crack craft
    cram crave create cringe cripple criticise criticize critique croon cross-check crosscheck crouch crowdsource
    crumble crumple crunch crush cuddle culminate cultivate curate curtail customise customize dabble dance dangle
    dare dawdle daydream dazzle deactivate debrief debug debunk decant deceive decelerate decide decimate decipher
    declare declutter decode decompose decompress deconstruct decorate decouple decry decrypt dedicate deduce deduct
    deem deepen deface defend defer define deflate deflect deforest defrost defuse defy degrade degrease dehydrate
    delete delineate delist deliver delve demolish demonstrate demote demystify denature denote denounce deny depart
    depend depict deplete deplore deploy deport depose deprive derail deregister deride derive descale descend
    describe deserve designate desist despise destroy detach detain detangle detect deter deteriorate determine
    detest dethrone detonate detox devalue devise devolve devote devour diagnose dictate differ differentiate dig
    digitise digitize dilute diminish disable disagree disappear disappoint disapprove disarm disassemble discern
    disclose discolor disconnect discontinue discourage discover discriminate discuss disembark disengage
    disentangle disguise disinfect disinherit dislike dislodge dismantle dismiss disobey disorient disown dispatch
    dispel dispense disperse displace displease dispose disprove disqualify disregard disrupt dissect disseminate
    dissent dissipate dissolve dissuade distil distill distinguish distort distract distribute ditch diverge
    diversify divert divide divulge do dodge dominate donate doodle double-check doublecheck douse download downplay
    downsize doze drape draw drench drink drive drizzle droop drop drown dub dunk dwarf dwell earmark earn eat
    eavesdrop eclipse economise economize edify edit educate eject eke elaborate elapse electrify elevate elicit
    eliminate elongate elope elucidate elude emanate emancipate embark embarrass embed embellish embezzle embody
    embrace embroider emerge emit emphasise emphasize employ empower emulate enable enact enamor encapsulate encase
    enchant encircle enclose encode encompass encounter encourage encroach encrypt endanger endear endeavor
    endeavour endorse endow endure energise energize enfold enforce engage engender engrave engross engulf enhance
    enjoy enlarge enlighten enlist enliven ennoble enrage enrapture enrich enrol enroll ensconce enshrine enslave
    ensnare ensue ensure entail entangle enter entertain enthrall enthuse entice entitle entrust entwine enumerate
    enunciate envelop envision epitomise epitomize equalise equalize equate equip equivocate eradicate erase erect
    erode erupt escalate escape eschew establish etch evacuate evade evaluate evangelise evaporate evict evoke
    evolve exacerbate exaggerate exalt examine exasperate excavate exceed excel excise excite exclaim exclude
    excommunicate excrete execute exemplify exert exfoliate exhale exhort exist exonerate expand expect expedite
    expel expend expire explain explicate explode explore expose expound express expropriate extend exterminate
    extinguish extol extract extrapolate extricate extrude exude exult fabricate facilitate falsify falter
    familiarise familiarize fasten fathom faze federate feed feel fend fertilise fertilize fess fester fetch fidget
    fill finalise finalize find fine-tune finish fix flail flatten flatter flaunt flee flex fling flirt flop floss
    flounder flourish flout flub fluctuate fly fold follow forage forbid forego foresee foreshadow forestall
    foretell forfeit forget forgive formalise formalize formulate forsake fortify forward foster fret frighten
    fritter frolic frustrate fulfil fulfill fumble furl furnish gab gain gallop galvanise galvanize gape garble
    gargle garner garnish gatecrash gather gawk gaze generalise generalize generate germinate get gibber gild gird
    girdle give glare glean glide glisten glorify gnash gnaw go gobble gouge govern grab grapple grasp grate graze
    greet grieve grin grind grope grovel grow grumble guarantee guess gulp guzzle haggle handcraft handle handpick
    handwrite hang happen harass hark harken harmonise harmonize harness hassle hasten hate haunt have heal hear
    hearken heave heckle heed help hesitate hibernate hide highlight hike hinder hire hobble hoist hold holler
    homeschool hone hoot humanise humanize humble humiliate hunker hurl hurry hurtle hydrate hyphenate hypnotise
    hypnotize hypothesise hypothesize idealise idealize identify idolise idolize ignite ignore illuminate illustrate
    imagine imbibe imbue imitate immerse immortalise immortalize impair impale impart impeach impede impel
    impersonate implement implicate implore imply impose impoverish impress imprison improve improvise inaugurate
    incapacitate incarcerate incentivise incentivize incite include incorporate increase incubate incur indicate
    individualise indoctrinate indulge infect infer infiltrate inflate inflict inform infringe infuriate infuse
    ingest inhabit inhale inherit inhibit initialise initialize inject injure innovate inquire inscribe insert
    insinuate insist inspect inspire install instil instill instruct insulate integrate intend intensify interact
    intercept interfere interject interlace internalise internalize interpret interrogate interrupt intersect
    intertwine intervene interweave intimidate intone introduce inundate inure invade invalidate invent invert
    invest investigate invigorate invite invoke involve irrigate irritate isolate itemise itemize iterate jaywalk
    jeopardise jeopardize jettison jibe jingle join josh jostle jot juggle jump justify jut juxtapose keep kickstart
    kidnap kill kindle knead kneel knit know lambast lambaste lament laminate languish launch lay leach leap
    leapfrog learn leave leer legalise legalize legislate legitimise legitimize lend lengthen lessen let levitate
    liberate lift lighten liken linger liquefy list listen litigate loathe locate lodge loiter loll look loosen lose
    lower lug lull lunge lurk madden magnetise magnify maim maintain make malfunction malign manage manipulate
    manufacture mar marginalise marginalize marinate marry marvel mash masquerade materialise materialize maturate
    maul maximise maximize meander measure meddle mediate meditate meet melt memoize memorise memorize mention merge
    mesmerise mesmerize metabolise metamorphose migrate mimic mince mingle minimise minimize misbehave miscalculate
    misinterpret misjudge mislabel mislead misplace misspell mistreat mistrust misunderstand mitigate mix mobilise
    mobilize modernise modernize modify modulate moisten mollify monetise monetize mope motivate mourn move muck
    muddle muffle multiply mumble munch muster mutate mutilate mutter nag narrate nauseate navigate necessitate
    negotiate nestle neuter neutralise neutralize nibble nitpick nod nominate normalise normalize nosh notify
    nourish nuke nullify nurture nuzzle obey oblige obliterate obscure observe obstruct obtain obviate occupy occur
    offend offer officiate ogle omit ooze operate opine oppose oppress opt optimise optimize orchestrate ordain
    organise organize orient originate oscillate ossify oust outbid outdo outflank outgrow outlast outlive
    outmaneuver outnumber outpace outperform outrank outrun outshine outsmart outsource outweigh outwit overact
    overcharge overcome overcook overdo overeat overestimate overexert overflow overheat overlook overpay overplay
    overpower overrate overrule oversee oversell overshare oversleep overstate overtake overthink overthrow overturn
    overuse overwhelm owe oxidise oxidize pacify pamper pander paraphrase parboil parry parse partake participate
    pause pay peddle peel penalise penalize penetrate perceive perform perish permeate perpetuate persecute
    persevere persist perspire persuade pertain perturb peruse pester photoshop pick pierce placate place plead plod
    plough plow pluck ply poach pollinate pollute ponder pontificate populate portray possess postpone postulate
    pounce pour pout practise praise prance pray preach precede precipitate predate predict preempt preen prefer
    preheat prejudge preoccupy prep prepare prepay prescribe preserve preside presume presuppose pretend prevail
    prevent prioritise prioritize proceed proclaim procrastinate procure prod produce profess prohibit proliferate
    prolong promote prompt promulgate pronounce proofread prop propel propose prosecute proselytise prosper
    prostrate protect protrude prove provide provoke prune pry publicise publicize publish pull pulverise pummel
    punctuate punish purge purify purport purr pursue push put quantify quantise quash quaver quell quench quicken
    quit quiver radiate raise ransack ratify rationalise rationalize ravage ravish raze re-evaluate re-examine reach
    reacquaint react read readjust reaffirm realign realise realize reap reapply rearrange reassemble reassess
    reassure reboot rebrand rebuild rebuke rebut recall recant recast recede receive recharge reciprocate recite
    reckon reclaim recline recode recognise recognize recoil recollect recommend recommit recompile reconcile
    reconnect reconsider reconstruct reconvene recount recoup recover recreate recruit rectify recuperate recur
    recuse recycle redact redeem redefine redeploy redesign redial redirect rediscover redistribute redo redraft
    reduce reek reenact reevaluate refactor refer refill refinance refine reflect refocus refrain reframe refresh
    refrigerate refuel refurbish refuse refute regain regenerate regroup regulate rehabilitate rehash rehearse
    reheat rehydrate reign reimagine reimburse reinforce reinstate reintroduce reinvent reissue reiterate reject
    rejoice rejuvenate rekindle relabel relate relax relieve relinquish relive reload relocate rely remain remap
    remarry remaster remember remind reminisce remit remodel remove remunerate rename render renege renegotiate
    renew renounce renovate rent reopen reorder reorganise reorganize repackage repaint repatriate repay repeat
    repel repent rephrase replace replenish replicate reply reposition repost repress reprimand reproduce reprogram
    repurpose require requisition reread reroute reschedule reseal resell resemble resent reset resettle reshape
    reside resign resist resize reskill resolve resonate respond restart restate restock restore restrain restrict
    restructure resurface resurrect retain retaliate retch retell rethink rethrow retire retort retrace retract
    retrain retrieve retry retweet retype reunite reupload reuse revamp reveal revel reverberate revere revert
    revise revisit revitalise revitalize revive revoke revolutionise revolutionize revolve rewind rewire rework
    rewrite rid ride rinse ripen roam rob roleplay roll romanticise romanticize rotate rouse rove ruffle ruminate
    rummage run sadden safeguard salivate sanitise sanitize satisfy saturate saunter saute sauté save savor savour
    say scamper scan scapegoat scatter scavenge schmooze scoff scold scoop scorch scour scram scribble scrimp
    scrounge scrub scrutinise scrutinize scuff sculpt scurry scuttle sear secrete seduce see seek seem seethe
    segregate seize select sell send sensationalise sequester serve set settle sever sew shake shall sharpen shave
    shear shed shelve shimmer shirk shiver shoo shorten show showcase shred shriek shrink shrivel shudder shun
    sidestep sidle sift signify signpost simmer simplify simulate sing singe siphon sit sizzle skedaddle skew skim
    skimp skip skulk slander slather slay sleep slice slide sling slink slither slouch slurp smelt smite smoothen
    smother smuggle snarl sneak sneer sneeze snicker sniff snip snivel snoop snore snorkel snub snuggle soak soar
    sob socialise socialize soften solicit solidify solve soothe sort sow spank spawn spay speak spearhead
    specialise specialize specify speculate spellcheck spend spin splatter splay splice splurge splutter spoil
    sprinkle spurn sputter squander squash squeak squeeze squelch squirm squirt stabilise stabilize stagger stammer
    standardise standardize stargaze start startle starve stave stay steal steer sterilise sterilize stiffen stifle
    stimulate stipulate stir stomp stonewall stop stow straddle strafe straggle straighten strangle strategise
    strategize streamline strengthen strew strip strive strum strut stun stutter subcontract subdivide subdue
    subjugate sublet submerge submerse submit subscribe subside subsidise subsidize subsist substantiate subtract
    subvert succeed succumb suckle sue suffer suffice suffocate sugarcoat suggest suit sulk sully summarise
    summarize summon sunbathe superimpose supersede supervise supplant supplement suppose suppress surmise surmount
    surpass surround survive suspend sustain swaddle swallow swap swear sweeten swerve swim swindle swirl swivel
    swoon symbolise symbolize sympathise sympathize sync synchronise synchronize synthesise synthesize tabulate take
    tamper tangle tantalise tantalize taper tarnish tarry taste tattle taunt teach teem teeter telecommute teleport
    televise tell tempt terminate testify tether thank thaw thicken think thrash threaten thrive throb throw thwart
    tickle tidy tighten tinker tiptoe toggle tolerate topple toss totter touch toughen tousle tout trace trailblaze
    traipse trample transact transcend transcribe transfix transform transfuse transgress translate transmit
    transmute transpire transport transpose traumatise traverse trawl tread treat tremble trespass triangulate
    trickle trim trot troubleshoot trounce trudge truncate try tuck tumble turbocharge turn tweak twiddle twirl
    twitch typecast typify unbox unbuckle unbutton unclog uncoil uncork uncover uncurl underestimate undergo
    underline undermine underpin underplay underscore understand understate undertake undervalue underwrite undo
    undress undulate unearth unfasten unfold unfollow unfurl unhinge unhook unify uninstall unite unlace unlearn
    unleash unlink unload unlock unmake unmask unmute unpack unplug unravel unroll unscrew unseat unstick
    unsubscribe untangle untie unveil unwind unwrap unzip upchuck upend uphold upload uproot upskill upstage urge
    urinate use usher usurp utilise utilize utter vacate vaccinate vacillate validate vandalise vanish vanquish
    vaporise vary veer vend venerate ventilate venture verbalise verify vex vibrate victimise videotape vie vilify
    vindicate visit visualise visualize vlog vocalise vouch vow waddle wade waft wail wait waive wake walk wallow
    waltz wander wane wangle want warble warn wash watch waver waylay weaken wean wear weave wed weep weigh wend
    wheedle wheeze whet whimper whine whirl whirr whisk whittle widen wield wiggle wilt win wince winnow wipe
    withdraw wither withhold withstand wobble wonder woo wrangle wrap wreak wrestle wriggle wring write yammer yank
    yearn yodel zap zoom""".split()
)
"""Base forms that hardly open a text as anything but a verb."""

EITHER = frozenset(
    """abuse access acclaim address advance advocate affect age aggregate aid aim alternate animate approach
    appropriate approximate archive arm arrest associate attack attempt attribute autograph average babble back
    backpack badger bag bail balance ban bandage bang banter bargain bash bat batter bear beep benchmark bend
    benefit bet better bid bill blacklist blame blanch blanket blare blast bleach blindside block bloom blot blow
    bludgeon bluff blunder blush boast bob bolt book boost bop bore bother bounce bow box boycott brace brag brake
    branch brand brawl breed brew broadcast bruise brush buckle buff bulge bully bump bundle bungle burst bust buzz
    cage calm camp caption care cascade cast catalog catalogue caulk cause caution center centre challenge change
    channel chant char charge charm chart chase chat cheat cheer chill chime chip chirp chuck chug claim clamp clang
    clank clap clash clear click clinch clink clip clog clone close clutter coach coat coax coil coin collapse comb
    combat comfort command comment commune complement complete compliment compost compromise conduct conflict
    consent console construct contact contest contract contrast control cool coordinate copy correct cost cough
    count counter countersign couple cover crank crash crate crawl creep crimp crop cross cruise crusade cry cull
    curb cure curl curse curve cut cycle dab damage dash daub dawn deal debate decay decline decrease defeat delay
    delegate deliberate delight demand design desire detour develop dial dice diffuse digest dim dine dip direct
    discard discharge discipline disclaim discount disdain dishonor display dispute distance dive dock document dot
    double double-click doubt draft drag drain dread dream dredge dress dribble drift drill drip drool drum dry dump
    duplicate dust dye ease echo elect email empty end envy equal escort estimate excerpt exchange excuse exercise
    exhaust exhibit exit experience experiment export face factor fade fail fall fan fancy fare farm favor favour
    fax fear feature fence ferment ferry field fight figure file filter fire fit flap flare flash flick flicker
    flinch flip float flog flow fluff flunk flush flutter focus foil fool force forecast forge fork form format
    frame fray free freeze frost frown fry fudge fuel function fund fuse gamble garden gasp gauge gesture giggle
    glance glaze glimpse gloat glory glow glower glue goad gossip grade graduate grant graph grease greenlight grill
    grimace grip groan grouse growl grunt guard guide gurgle gush hack hail halt halve hammer harm harvest haul head
    heap heat hijack hinge hint hiss hit hitch hoard honk honor honour hook hop hope host hover howl huddle huff hug
    hunch hunger hunt hurt hush hustle ice impact import imprint incline indent index influence initial initiate
    insult intern interview intrigue invoice itch jab jabber jail jam jeer jell jest jiggle jockey jog joke jolt
    journal journey judge jumble jumpstart keel kick kiss knock knot label lack lag lash last latch laud laugh
    launder lavish layer lead leak lean leverage libel license lick lie light like limit limp link litter live load
    loan lob lobby lock log long loop lop love lube lubricate lump lure mail mandate mangle manifest map march mark
    mask massage master match matter mean mellow menace mend merit mesh mess milk mill mind minister mirror miss
    moan mock model monitor moonlight mop mount mow mulch multitask murmur muse mute muzzle nab nap narrow near need
    neglect neigh nest nick nickname nip note nudge numb number nurse obsess offset open orbit order outlaw outline
    overdose overhaul overlay overload override overwork own pace pack pad paddle paint pair panic pant parade
    parallel pardon pare partition pass paste pat patch pattern pave peak peck pedal peep peg perfect perfume perk
    permit petition phone photocopy photograph phrase picket pickle picture piggyback pillage pin pinch pinpoint
    pitch pivot plan plant play pleat pledge plop plug plummet plump plunder plunge point poke polish poll pop pose
    posit post power practice preface present preset press pretest preview prick print probe process profile program
    progress promise protest provision prowl pulse pump punch puncture purchase puree putt puzzle quadruple quarrel
    quest queue quibble quiet quip quiz quote race rail rain rake rally ramble range rank rant rap rasp rate ration
    rattle rave rebel rebound rebuff recap receipt record reel reform refund regard regret rein relay release relish
    remake remark remedy remix repair replay report reprint request rescue reserve resort respect rest result
    retread retreat retrofit return reverse review revolt reward rhyme ricochet ridicule rig right-click ring rip
    rise risk rivet roar roast romp rot round row rub ruin rule rumble rumple rush rustle sabotage sacrifice sag
    sail salute salvage sample sanction sash scald scale scare schedule score scout scowl scramble scrap scrape
    scratch scream screech screen screw scroll seal search season secure seed segment sense separate sequence shade
    shampoo shape share shatter shelter shepherd shift shimmy shine shoot shop shout shove shovel shrug shuffle shut
    sigh signal sink sip skate sketch skewer ski skid skirt slam slap slash slaughter slight slim slip slosh slow
    slump slur smack smash smear smell smile smirk smoke smooth smudge snack snag snap snatch snitch snooze snuff
    solder somersault sound span spar spare spark sparkle spell spill spit splash splinter split sponsor spook spot
    spotlight sprawl spray spread sprint sprout spruce spur spurt spy squabble squat squeal squint squish stab stack
    stage stain stake stalk stall stamp stand staple stare stash state steady steep step stint stitch stockpile
    stoop store storyboard strain strand strap streak stress stretch strike stroke stroll struggle stub study
    stumble stump substitute suck supply support surf surge surprise surrender survey suspect swab swagger swat sway
    sweat sweep swell swig swill swing swipe swish switch swoop tack tackle tag tailor talk tally tame tan tango tap
    tape target tear tease telegraph temper test text thin thrill throng throttle thrust thud thump thunder tick tie
    tile tilt time tinge tingle tip toast toll top torment total tote tour tow track trade train transfer transition
    transplant trap travel treasure trek trick trigger trill trip triple triumph troll trust tug twinkle twist
    update upgrade upset vacuum value vent vet view voice volunteer vote wag wage wager waggle wallop warm warp
    waste water wax weed welcome weld whack whip whir whisper whistle whoop wink wish witness work worry worship
    wound wreck wrong yap yawn yell yelp yield zip""".split()
)
"""Base forms that open a text as verbs, nouns or adjectives: what follows tells them apart, or nothing does."""

MAINLY_NOUNS = frozenset(
    """abstract air anchor angle answer ape array article aspect assault atom attire auction audio audit audition auto
    axe background bait balloon band bank bar bare barge bark barricade base battle beach beam bed bell berth bike
    billow bird blackmail blaze blind blog blossom board body bog bomb bond boo boogie boot boss bottle brain breach
    bread breeze brick bridge brief bubble buck bud buffer bug bulk bullet bunk burp butcher butter button buttress
    cache can canoe canvass cap cape captain carpet case chain chair champion chapter charter circle class claw
    clock clot cloud clown club cluck coast cobble code color colour column company concern conclusion condition
    cork corner counsel court cradle crane crease credit crochet crow crown cube culture cup curtsy cushion dam dart
    date daze deck dent desert despair detail diagram diet dish divorce doctor dog dole drawer drone duck duel dupe
    ear earth edge egg elbow emcee engine engineer essay essence exempt exile eye eyeball fashion fast father feast
    feud fib fiddle film finger fish flag flame flank flavor flavour flock flood floor flower foam fob foot foul
    founder fox frequent gag garrison gas gash gear gel ghost gift glass glitter goal google gown grace graft grass
    grit groom group guest gum gun gut ham hamper hand harbor harbour hash hatch hawk headline heart hedge herald
    herd hiccup hoe hog home honey horse hose hound house hum humor humour hump hurdle idea idle image incense inch
    ink inlay input interest introduction inventory iron issue jack jaunt jet jinx joint junk key kid kink knife
    labor labour lace ladder lance land language lap lark lasso leaf lease leaven lecture letter level levy line lip
    lisp loaf loot lounge lumber lust machine mainline man manicure market maroon mass massacre mat mate mentor
    message metal microwave mine mint moderate mold moor mother motor mould mouse mouth mug multi-task murder muscle
    mushroom music mystery nail name nature neck needle net nettle network noise nose notch notice object oil option
    outcome outfit output overlap overview padlock page pall palm pan panel paper parachute parent park parody
    parrot part partner party patent path patrol paw pawn peer pen pencil people pepper pet picnic piece pile pilot
    pine pioneer pipe pirate pit pity placard plait plaster plate plateau platform plot plumb pocket poem poet
    poison police policy pool porch position postmark potter pound premiere pressure prey price prickle pride prime
    prize product profit project proposal prototype psych pulp purpose quake quality quarantine quarter question
    rack raid rainbow ram ramp rash ratio reason recipe relapse research response resume retail riddle rifle rim
    riot ripple rival river road rock role roof room roost root rope rough rout route sack saddle salt sand
    sandpaper sandwich sap sass savage scaffold scalp scam scar scarf scene scent scholarship school science scope
    script seam seat section sentence serenade service shackle shadow sham shield ship shock shoulder shower shroud
    shuttle side sieve sign silence silhouette silver sin single size skin slack slant slave sled sleuth slit slob
    slog slop slope slot slug slum slumber snow snowboard snug soap sober soil solace sonnet source space spat spear
    spec speech speed spice spike spiral spite sponge spoof spool spoon sport spout sprain spring squad squall
    square staff stampede star starch statement station status steam stem stereo stereotype stew stick sting stink
    stock stomach stone storm story stray stream street string structure stud stuff stunt style subject subpoena
    sugar sum summary summer surface suture swarm symbol syringe system table tail taint tank tar task tat tattoo
    tax team tee telephone tense term theme thread thumb ticket tint tire title toboggan toil tone tongue tool toot
    tooth topic torch torpedo torture tower toy trail tramp trance trash tree trend trial trouble trumpet tune
    tunnel tutor twang tweet twitter type unit uplift upside vault veil verse version veto video volume voyage
    wallpaper ward warehouse warrant watermark wave weather wedge weight wheel whelp whitewash wind wine wing winter
    wire wisecrack wolf word worm wow wrench yak yoke zigzag zone""".split()
)
"""Base forms that open a text as nouns unless an object follows."""

AUXILIARIES = frozenset(
    """ain't am are aren't be been being can can't cannot could couldn't daren't did didn't do does doesn't don't
    done gimme gonna gotta had hadn't has hasn't have haven't having is isn't lemme let let's lets mightn't must mustn't
    needn't ought shall shan't should shouldn't was wasn't were wanna weren't won't would wouldn't""".split()
)
"""Forms of *be*, *have* and *do*, modal verbs, and *let*, with their contractions."""

IRREGULAR = frozenset(
    """arisen arose ate awoke became began begun bent bit bitten bled blew blown born bought bound bred broke brought
    built burnt came caught chose chosen clung crept dealing dealt did drank drawn dreamt drew driven drove drunk
    dwelt dying eaten fed fell fled flew flown flung forbade forgave forgiven forgot forgotten fought froze gave
    given gone got gotten grew grown heard held hid hung kept knelt knew known laid led lent lit lying made meant
    met mistook overcame overtook paid proved proven ran rang rebuilt rewritten rewrote ridden risen rode rung
    said sang sank sat saw seen sent sewn shaken shone shook shot shown shrank slain slept slid sold sought spent
    spoke spoken sprang spun stole stolen stood stricken strove struck stuck stung swam swept swore sworn swung
    taken taught threw thrown told took tore torn tying understood undertook underwent undone went wept withdrawn
    withdrew withstood woke woken won wore worn wove woven written wrote""".split()
)
"""Irregular pasts and participles that hardly open a text as anything else."""

PARTICIPLES = frozenset(
    """advanced aged applied assorted beloved bored broken combined complicated concerned continued cut dedicated
    detailed distinguished educated estimated excited experienced fallen felt found frozen gifted ground hidden
    increased integrated interested left limited lost mixed naked organised organized outdated registered related
    required rose sacred skilled talented thought tired united unlimited used varied wicked worried wound""".split()
)
"""Pasts and participles that open a text as verbs or as adjectives and nouns."""

ADJECTIVES_ING = frozenset(
    """amazing boring breathtaking captivating challenging charming compelling confusing daring dazzling demanding
    disappointing embarrassing enchanting encouraging engaging entertaining exciting existing fascinating
    following frightening growing heartwarming inspiring interesting intriguing leading living loving mesmerizing
    missing outgoing outstanding overwhelming promising refreshing relaxing remaining rewarding shocking stunning
    surprising terrifying thrilling touching underlying upcoming willing working""".split()
)
"""Forms that are adjectives as much as verbs."""

NOUNS_ING = frozenset(
    """accounting advertising banking being blessing boxing branding building catering clothing coating drawing
    dressing dwelling earnings engineering filling findings heading housing icing landing lighting marketing
    meaning meeting mining offering outing packaging painting parking plumbing pricing programming rating
    restructuring roofing savings seating spelling stuffing upbringing warning wedding""".split()
)
"""Forms that are nouns as much as verbs."""
