"""English verbs by how far they can be told from nouns and adjectives where they open a text.

Written for this library. Regular forms are derived by ``_ifbench_verbs``; irregular ones stand here.
"""

from __future__ import annotations

__all__ = ["ADJECTIVES_ING", "AUXILIARIES", "EITHER", "IRREGULAR", "MAINLY_NOUNS", "NOUNS_ING", "PARTICIPLES", "VERBS"]

VERBS = frozenset(
    """abandon abbreviate abide abolish abound absorb abstain accelerate accentuate accept acclimate accommodate
    accompany accomplish accumulate accuse achieve acknowledge acquaint acquiesce acquire act activate adapt add
    adhere adjourn adjudicate adjust administer admire admit adopt adore adorn advertise advise affirm affix
    afflict afford agitate agree alert align allege alleviate allocate allow allude allure alter amass amble
    ameliorate amend amplify amputate amuse analyse analyze annihilate annotate announce annoy anonymize
    anticipate apologise apologize appear appease append applaud apply appoint appraise appreciate apprehend
    approve argue arise arouse arrange arrive articulate ascend ascertain ask aspire assemble assert assess assign
    assimilate assist assuage assume assure astonish attach attain attend attenuate attest attract attune augment
    authenticate authorise authorize automate avenge avert avoid await awaken babysit backtrack bake banish barter
    bask bathe beat beckon become befriend beg begin behave behold believe belittle belong bequeath berate beseech
    bestow betray beware bewilder bind bite blend bless blindfold blink blur blurt boil bolster bombard bookmark
    borrow braid brainstorm braise brandish break bribe bring broaden broil brood browse build buoy burn burnish
    burrow bury buy bypass cajole calculate calibrate call cancel captivate capture caramelise caramelize caress
    carpool carry carve catapult catch categorise categorize cater cavort cease celebrate centralise centralize
    certify characterise characterize chastise check cherish chew chisel choose chop chuckle churn circulate
    circumvent cite clamber clarify clasp classify clean cleanse clench climb cling clutch coalesce coerce coexist
    collaborate collate collect collide combine come commandeer commemorate commence commend commiserate commit
    communicate commute compare compel compensate compete compile complain comply compose comprehend compress
    comprise compute conceal concede conceive concentrate conclude concoct concur condemn condense confess confide
    configure confine confirm confiscate conform confront confuse congratulate congregate conjure connect connote
    conquer consecrate conserve consider consign consist consolidate conspire constitute constrain consult consume
    consummate contain contaminate contemplate contend contextualise contextualize continue contort contradict
    contribute convene converse convert convey convince cook cooperate cope corral correlate correspond
    corroborate covet cower crack craft cram crave create cringe criticise criticize critique cross-check crouch
    crowdsource crumble crunch crush cuddle culminate cultivate curate customise customize dabble dance dangle
    dare daydream dazzle debug debunk decelerate decide decimate decipher declare declutter decode deconstruct
    decorate decouple decrypt dedicate deduce deduct deem deepen defend defer define deflate deflect defuse defy
    degrade dehydrate delete delineate deliver delve demolish demonstrate demote demystify denote denounce deny
    depart depend depict deplete deplore deploy depose deprive deride derive descend describe deserve designate
    desist despise destroy detach detangle detect deter deteriorate determine detest dethrone devalue devise
    devolve devote devour diagnose dictate differ differentiate digitise digitize dilute diminish disable disagree
    disappear disappoint disarm disassemble discern disclose discolor disconnect discourage discover discuss
    disembark disengage disentangle disguise disinfect dislike dislodge dismantle dismiss disobey disorient disown
    dispatch dispel dispense disperse dispose disprove disqualify disregard disrupt dissect disseminate dissent
    dissipate dissolve dissuade distil distill distinguish distort distract distribute ditch diversify divide
    divulge do dodge donate doodle double-check download downplay downsize drape draw drench drink drive drizzle
    drop drown dub dwarf dwell earn eat eavesdrop eclipse economise economize edify edit educate eject elaborate
    elapse electrify elevate elicit eliminate elongate elude emanate emancipate embark embarrass embed embellish
    embezzle embody embrace embroider emerge emit emphasise emphasize employ empower emulate enable enact enamor
    encapsulate enchant encircle enclose encode encompass encounter encourage encroach encrypt endeavor endeavour
    endorse endow endure energise energize enfold enforce engage engender engrave engross engulf enhance enjoy
    enlarge enlighten enlist enliven ennoble enrage enrapture enrich enrol enroll ensconce enshrine ensue ensure
    entail entangle enter entertain enthrall enthuse entice entitle entrust entwine enumerate enunciate envelop
    envision epitomise epitomize equalise equalize equate equip eradicate erase erect erode escape establish etch
    evacuate evade evaluate evangelise evaporate evict evoke evolve exacerbate exaggerate examine excavate exceed
    excel excise excite exclaim exclude execute exemplify exert exfoliate exhale exhort exist exonerate expand
    expect expedite expel expend expire explain explicate explode explore expose expound express extend extinguish
    extol extract extrapolate extricate exude exult fabricate facilitate falsify familiarise familiarize fasten
    fathom feed feel fertilise fertilize fetch fill finalise finalize find fine-tune finish fix flatten flatter
    flaunt flee fling flirt flop floss flourish flout fluctuate fly fold follow forage forbid foresee forfeit
    forget forgive formalise formalize formulate forsake fortify forward foster fret frighten frolic fulfil
    fulfill fumble furl furnish gab gain gallop galvanise galvanize garble gargle garnish gather gaze generalise
    generalize generate germinate get gird give glare glean glide glisten glorify gnaw go gobble govern grab
    grapple grasp grate graze greet grieve grin grind grovel grow grumble guarantee guess gulp guzzle haggle
    handle hang happen harass hark harken harmonise harmonize harness hasten hate haunt have heal hear hearken
    heed help hesitate highlight hike hinder hire hoist hold holler humanise humanize humble humiliate hurl hurry
    hydrate hypnotise hypnotize hypothesise hypothesize idealise idealize identify idolise idolize ignite ignore
    illuminate illustrate imagine imitate immerse immortalise immortalize impart impede impel impersonate
    implement implicate implore imply impose impoverish impress imprison improve improvise inaugurate incapacitate
    incarcerate incentivise incentivize incite include incorporate increase incubate incur indicate individualise
    indoctrinate indulge infect infer infiltrate inflate inflict inform infringe infuriate infuse ingest inhabit
    inhale inherit inhibit initialise initialize inject innovate inquire inscribe insert insinuate insist inspect
    inspire install instil instill instruct insulate integrate intend intensify interact intercept interject
    interlace internalise internalize interpret interrogate interrupt intersect intertwine intervene interweave
    intimidate introduce inundate inure invade invalidate invent invert invest investigate invigorate invite
    invoke involve irrigate irritate isolate itemise itemize iterate jeopardise jeopardize jettison jibe jingle
    join jostle jot juggle jump justify jut juxtapose keep kidnap kill knead kneel knit know lambast lament
    laminate languish launch lay leach leap learn leave legalise legalize legitimise legitimize lend lengthen
    lessen let liberate lift liken linger liquefy list listen locate lodge look loosen lose lower lull lunge lurk
    magnetise magnify maintain make malfunction manage manipulate manufacture marginalise marginalize marinate
    marry marvel mash materialise materialize maturate maul maximise maximize meander measure mediate meditate
    meet melt memoize memorise memorize mention merge mesmerise mesmerize metabolise migrate mimic mingle minimise
    minimize misbehave miscalculate misinterpret mislead misplace mistreat mistrust misunderstand mitigate mix
    mobilise mobilize modernise modernize modify modulate moisten mollify monetise monetize mope motivate mourn
    move muddle muffle multiply mumble munch muster mutate mutilate nag narrate nauseate navigate negotiate nestle
    neutralise neutralize nibble nod nominate normalise normalize notify nourish nullify nurture obey obliterate
    obscure observe obstruct obtain occupy occur offend offer omit operate opine oppose oppress opt optimise
    optimize orchestrate organise organize orient originate oscillate ossify oust outdo outgrow outlast outlive
    outnumber outperform outrun outshine outsource outweigh outwit overcome overcook overeat overestimate overflow
    overheat overlook overpower oversee oversleep overstate overtake overthink overthrow overturn overwhelm owe
    oxidise oxidize pacify pamper pander paraphrase parry parse partake participate pause pay peddle peel penalise
    penalize penetrate perceive perform perish permeate perpetuate persecute persevere persist perspire persuade
    pertain perturb peruse pester pick pierce placate place plead plough plow ply poach pollute ponder pontificate
    populate portray possess postpone postulate pounce pour pout practise praise prance pray preach precede
    precipitate predate predict preempt preen prefer preheat preoccupy prep prepare prepay prescribe preserve
    preside presume presuppose pretend prevail prevent prioritise prioritize proceed proclaim procrastinate
    procure prod produce profess prohibit proliferate prolong promote prompt promulgate pronounce proofread prop
    propel propose prosecute proselytise prosper prostrate protect protrude prove provide provoke prune pry
    publicise publicize publish pull pulverise punctuate punish purge purify purr pursue push put quantify
    quantise quell quench quit quiver radiate raise ransack ratify rationalise rationalize ravage re-evaluate
    re-examine reach reacquaint react read readjust reaffirm realign realise realize reap reapply rearrange
    reassemble reassess reassure reboot rebuild rebut recall recant recede receive reciprocate recite reckon
    reclaim recline recognise recognize recoil recollect recommend recommit recompile reconcile reconnect
    reconsider reconstruct reconvene recount recover recreate recruit rectify recuperate recycle redeem redefine
    redeploy redesign redirect rediscover redistribute redo reduce reek reevaluate refactor refer refill refine
    reflect refocus refrain refresh refrigerate refuel refurbish refuse refute regain regenerate regroup regulate
    rehabilitate rehearse reheat rehydrate reign reimagine reimburse reinforce reinstate reintroduce reinvent
    reissue reiterate reject rejoice rejuvenate rekindle relate relax relieve relinquish relocate rely remain
    remember remind reminisce remit remodel remove remunerate render renege renegotiate renew renounce renovate
    rent reopen reorder reorganise reorganize repackage repaint repatriate repay repeat repel repent rephrase
    replace replenish replicate reply repress reprimand reproduce repurpose require requisition resell resemble
    resent reset resettle reshape reside resign resist resolve resonate respond restart restate restore restrain
    restrict restructure resurface resurrect retain retaliate retell rethink retire retort retrace retrain
    retrieve retry reunite reupload reuse revamp reveal revel reverberate revere revise revisit revitalise
    revitalize revive revoke revolutionise revolutionize revolve rewind rewire rewrite rid ride rinse roam roll
    romanticise romanticize rotate rouse ruffle ruminate rummage run safeguard salivate sanitise sanitize satisfy
    saturate saunter saute sauté save savor savour say scamper scan scapegoat scatter scavenge schmooze scoff
    scold scoop scorch scour scribble scrounge scrub scrutinise scrutinize sculpt scuttle secrete seduce see seek
    seem seethe segregate seize select sell send sensationalise serve set sever sew shake shall shave shed shimmer
    shiver shoo shorten show showcase shred shrink shrivel sift signify signpost simmer simplify simulate sing
    siphon sit sizzle skew skim skip slander slay sleep slice slide sling slither slouch slurp smother smuggle
    sneak sneer sneeze snicker sniff snip snoop snore snorkel snuggle soak soar sob socialise socialize soften
    solicit solidify solve soothe sort sow spank spawn speak spearhead specialise specialize specify speculate
    spend spin splice splurge spoil sprinkle sputter squander squash squeak squeeze squirm squirt stabilise
    stabilize stammer standardise standardize start startle starve stave stay steal steer sterilise sterilize
    stifle stimulate stipulate stir stomp stop stow straddle strangle strategise strategize streamline strengthen
    strip strive strut stutter subdivide subdue submerge submerse submit subscribe subside subsidise subsidize
    subsist substantiate subtract subvert succeed succumb suffer suffice suggest suit sulk sully summarise
    summarize summon superimpose supersede supervise supplant supplement suppose suppress surmise surmount surpass
    surround survive suspend sustain swaddle swallow swap swear swerve swim swindle swirl swivel symbolise
    symbolize sympathise sympathize sync synchronise synchronize synthesise synthesize tabulate take tangle
    tantalise tantalize taper tarnish taste taunt teach televise tell tempt terminate testify tether thank thaw
    think thrash threaten thrive throb throw thwart tickle tidy tighten tinker tiptoe toggle tolerate topple toss
    totter touch tout trace trample transact transcend transcribe transform transgress translate transmit
    transmute transport transpose traumatise traverse trawl tread treat tremble trespass trickle trim trot
    troubleshoot trudge try tuck tumble turn tweak twiddle twirl twitch typify unbutton uncover underestimate
    undergo underline undermine underscore understand undertake undo undress unearth unfasten unfold unfurl unhook
    unify uninstall unite unleash unload unlock unpack unplug unravel unscrew unsubscribe untangle unveil unwind
    unwrap upend uphold upload uproot urge use usher utilise utilize utter vacate vaccinate validate vandalise
    vanish vanquish vaporise vary veer venerate ventilate venture verbalise verify vibrate victimise videotape vie
    vilify vindicate visit visualise visualize vlog vocalise vow waft wail wait waive wake walk wallow waltz
    wander wane want warn wash watch waver weaken wear weave weep weigh wheedle wheeze whimper whine whirl whisk
    whittle widen wield wiggle wilt win wince wipe withdraw wither withhold withstand wobble wonder wow wrap
    wrestle wriggle wring write yank yearn yodel zap zoom""".split()
)
"""Base forms that hardly open a text as anything but a verb."""

EITHER = frozenset(
    """abuse access address advance advocate affect age aggregate aid aim alternate animate approach appropriate
    approximate arm arrest associate attack attempt attribute average back backpack bag balance ban bandage banter
    bargain bat bear bend benefit better bill blame blanch blanket blast block bloom blow boast book boost bore
    bother bounce bow box boycott brace brag branch brand breathe brew brush bully bump bundle burst bust cage
    calm camp care cascade cast cause caution challenge change channel chant charge charm chart chase chat cheer
    chill claim clap clear clip clone close coach coat coax coin collapse comb combat comfort command comment
    commune complement complete compliment compost compromise conduct conflict consent console construct contact
    contest contract contrast control cool coordinate copy correct cost cough count counter couple cover crash
    crawl cross cruise crusade cry curb cure curve cut cycle damage dash dawn deal debate decay decline decrease
    defeat delay delegate deliberate delight demand design desire detour develop dice diffuse digest dip direct
    discard discipline discount display dispute distance dive document dot double doubt draft drag drain dream
    dress drift drill drum dry dump duplicate dust ease echo elect empty end envy equal escort estimate exchange
    excuse exercise exhaust exhibit exit experience experiment export face factor fade fail fall fan fancy farm
    favor favour fear feature fence ferment ferry field fight figure file filter fire fit flash flip float flow
    focus foil force forecast forge form frame free freeze frost fry fuel function fund gamble garden gauge
    gesture giggle glance glaze glimpse gloat glory glow gossip grade graduate grant graph grill grimace grip
    groan guard guide halt halve hammer harm harvest haul head heat hint hit hoard honk honor honour hop hope host
    hover hug hunger hunt hurt hustle ice impact import incline index influence initial initiate insult intern
    interview intrigue invoice itch jab jail jam jog joke jolt journal journey judge kick kiss knock label lack
    lag last latch laugh lavish layer lead leak leverage license lick lie light like limit link litter live load
    loan lobby lock log long loop love mail mandate manifest map march mark mask massage master match matter mean
    mellow menace mend merit mesh milk mill mind minister mirror miss mock model monitor mount mow multitask
    murmur muse nap narrow near need neglect nest note nudge number nurse obsess offset open orbit order outlaw
    outline overhaul overload override own pace pack paint pair panic parade parallel pardon partition pass paste
    pat patch pattern peak pedal perfect perfume permit petition phone phrase pickle picture pin pinch pinpoint
    pitch pivot plan plant play plug plunder plunge point poke polish poll pop pose post power practice preface
    present press preview print probe process profile program progress promise protest provision pulse pump
    purchase puzzle quarrel quest queue quiet quiz quote race rain rake rally ramble range rank rant rate ration
    rattle rebel recap receipt record reform refund regard regret rein relay release relish remark remedy repair
    report request rescue reserve resort respect rest result retreat retrofit return reverse review revolt reward
    ridicule rig ring rise risk roar roast round row rub ruin rule rush sabotage sacrifice sail salute salvage
    sample sanction sash scale scare schedule score scramble scrape scratch scream screen scroll seal search
    season secure seed segment sense separate sequence shade shape share shatter shelter shepherd shift shine
    shoot shop shout shove shrug shuffle shut signal sink sip sketch slash slaughter slip slow smash smear smell
    smile smoke smooth snap snatch sound spar spark sparkle spell spill splash split sponsor spot spotlight spray
    spread sprout spur spy squat stab stack stage stain stake stalk stamp stand staple stare stash state steady
    step stitch stockpile store strain strand stress stretch strike stroke stroll struggle study stumble
    substitute suck supply support surf surge surprise surrender survey suspect swat sway sweat sweep swell swing
    swipe switch tackle tag tailor talk tally tame tan tap target tear tease telegraph test text thin throng
    throttle thrust tick tie tilt time tip toast top torment total tour tow track trade train transfer transition
    transplant trap travel treasure trek trick trigger trip triple triumph trust tug twist update upgrade upset
    vacuum value vent vet view voice volunteer vote wage wager warm warp waste water welcome weld whip whisper
    whistle wink wish witness work worry worship wound wreck wrong yawn yell yield zip""".split()
)
"""Base forms that open a text as verbs, nouns or adjectives: what follows tells them apart, or nothing does."""

MAINLY_NOUNS = frozenset(
    """abstract air anchor angle answer article aspect atom audio audit auto background balloon bank bar bark base
    battle beam bell bike bird blog board body bomb bond boss bottle brain bread bridge bubble bug bullet butter
    button can case chain chair chapter circle class cloud club code color colour column company concern
    conclusion condition corner credit crochet crown culture cup date deck detail dish doctor dog drawer duck ear
    earth edge egg engineer essay essence eye father feast film finger fish flag flame flavor flavour flood flower
    foot fox gift glass goal google grass group guest hand harbor harbour heart home honey horse house hum idea
    image input interest introduction iron issue joint key ladder land language leaf lease letter level line lip
    man market message metal mine mother mouse mouth mushroom music mystery nail name nature neck network noise
    nose notice object option outcome output overview page pan paper parent park part partner party path peer pen
    pencil people pepper pet piece pilot pipe pirate plate platform plot pocket poem poet policy pool position
    pound price pride prize product profit project proposal purpose quality question rainbow ratio reason recipe
    research response resume rival river road rock role roof room root route salt sand scene scholarship school
    science section sentence shadow ship shock shoulder shower sign silence silver skin snow sonnet source space
    speech spice sponge spring square staff star statement status steam stem stick stock stomach stone storm story
    stream street string structure stuff style subject sugar summary summer surface symbol system table task tax
    team telephone term theme thread thumb title tone tool tooth topic tower toy trail tree trial trouble tune
    tutor tweet type unit upside verse version veto video volume warehouse wave weight wheel wind wine winter wire
    wolf word worm zone""".split()
)
"""Base forms that open a text as nouns unless an object follows."""

AUXILIARIES = frozenset(
    """ain't am are aren't be been being can can't cannot could couldn't daren't did didn't do does doesn't don't
    done gonna gotta had hadn't has hasn't have haven't having is isn't let let's lets mightn't must mustn't
    needn't ought shall shan't should shouldn't was wasn't were weren't won't would wouldn't""".split()
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
