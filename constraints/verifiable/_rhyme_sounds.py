"""The sounds that English words end in: which spellings say which, and the words that go their own way.

A sound is named by its vowel and what follows: ``EIT`` ends *late*, ``AIT`` *light*. Each entry is a sound and what
ends in it; bars and ends of lines separate entries.
"""

from __future__ import annotations

__all__ = ["ENDINGS", "OPEN", "WORDS"]

ENDINGS: tuple[tuple[str, str], ...] = tuple(
    (sound, spellings)
    for sound, _, spellings in (
        line.strip().partition(" ")
        for line in """
EI ay eigh | EIB abe | EID ade aid ayed | EIF afe aif | EIG ague | EIJ age | EIK ake aik | EIL ale ail | EIM ame aim
EIN ane ain eign | EIP ape | EIS ace ase | EIT ate ait | EITH aith | EIV ave | EIZ aise aze ays aize eighs
EIST aste | EINT aint | EINJ ange | EIDZ ades aids | EIKS akes | EILZ ales ails | EIMZ ames aims | EINZ anes ains
EIPS apes | EITS ates aits | EE ee | EECH eech each | EED eed | EEF eef ief | EEG eague | EEK eek eak | EEL eel eal
EEM eem eam | EEN een ean ene | EEP eep eap | EER eer | EES eace eece iece | EET eet eat ete | EEV eeve ieve eave
EEZ eeze eeds_ ees | EEDZ eeds | EEKS eeks eaks | EELZ eels eals | EEMZ eems eams | EENZ eens eans | EEPS eeps eaps
EERZ eers | EETS eets eats | EELD ield | EEST east | AI igh | AIB ibe | AID ide ied | AIF ife | AIK ike | AIL ile
AIM ime yme | AIN ine ign | AIP ipe ype | AIR ire yre | AIS ice | AIT ight ite yte | AIZ ize ise_ ies_ yes_ ighs
AIND ind_ | AIDZ ides | AIKS ikes | AIMZ imes ymes | AINZ ines | AITS ights ites | AIVZ_ ives_ | OH oe oh_ | OHB obe
OHK oke oak | OHL ole oal | OHM oam | OHN oan | OHP ope | OHR ore oar | OHT ote oat | OHST oast | OHLD old
OHPS opes | OHTS otes oats | OHLZ oles oals | OHRZ ores oars | OHRN orn | OHRD ord_ oard | OHRT ort | OHRM orm_
OHRS orse | OHRTH orth_ | OO ue ew | OOB ube | OOD ude | OOL ule ool | OOM oom ume | OON oon une | OOP oop
OOT ute oot_ | OOZ ooze uise | OOS oose_ uce | OOTH ooth | OOMZ ooms umes | OONZ oons unes | AU ow_ | AUD oud
AUL owl | AUN own_ | AUND ound | AUNS ounce | AUT out | AUTH outh_ | AURS our_ | AUNDZ ounds | AUTS outs | AUDZ ouds
OI oy | OIL oil | OIN oin | OIS oice | OIZ oise oys | OINT oint | AAR ar | AARD ard | AARK ark | AARM arm | AARN arn
AARP arp | AART art | AARSH arsh | AARZ ars | AARMS arms_ | AARTS arts | AARKS arks | AB ab | AK ack | AD ad | AG ag
AM am | AN an | AP ap | ASH ash | AT at | AKS acks ax | AKT act acked | AMP amp | AND and | ANDZ ands | ANG ang
ANGK ank | ANGKS anks | AENS ance | AEST ast | AESK ask | ASP asp | AETH ath | ATS ats | APS aps apse | ANCH anch
ACH atch | EB eb | EK eck | ED ed | EJ edge | EG eg | EL ell | ELF elf | ELP elp | ELT elt | EM em | EMP emp | EN en
ENCH ench | END end | ENDZ ends | ENS ence ense | ENT ent | ENTS ents | EP ep | ES ess | ESH esh | ESK esk
EST est essed | ESTS ests | ET et | ETS ets | EX ex | ELZ ells | ELD eld elled | EPT ept | ETH eth_ | ETCH etch
EAIR air are_ | EAIRZ airs | IB ib | IK ick | IKS icks ix | ID id | IF iff | IFT ift | IG ig | IJ idge | IL ill
ILD illed | ILK ilk | ILT ilt | ILZ ills | IM im | IN in | INCH inch | ING ing | INGZ ings | INGK ink | INGKS inks
INS ince | INT int_ | IP ip | IPS ips | IS iss | ISH ish | ISK isk | IST ist issed yst | IT it | ITCH itch
ITS its itz | IKT icked ict | IPT ipt ipped | IZ is_ | INT_ int_ | OB ob | OK ock | OKS ocks ox | OKT ocked | OD od
OG og | OP op | OPS ops | OT ot | OTS ots | OND ond_ | ONG ong | OSH osh | OS oss | OST ost_ | AW aw | AWK alk awk
AWL all awl | AWLZ alls | AWLT alt ault | AWN awn | AWT aught ought | AWD aud | AWZ ause aws | UB ub | UK uck
UKS ucks | UD ud | UF uff | UG ug | UJ udge | UL ull_ | UM um | UMP ump | UMZ ums | UN un | UNCH unch | UNG ung
UNGK unk | UNT unt | UNZ uns | UP up | US uss | USH ush | USK usk | UST ust ussed | UT ut | UTS uts | UCH utch
UNS unce | ER ur urr | ERD urd irred | ERK irk urk erk | ERL url irl | ERM erm irm | ERN urn ern irn
ERNZ urns erns | ERS urse erse | ERST irst urst | ERT irt urt ert | ERTH irth | ERV urve erve | ERTS irts urts
ERB urb erb | ERLZ urls irls
""".replace("\n", " | ").split(" | ")
    )
)
"""Sounds and the spellings that say them in words of one syllable; those with an underscore are left to the list."""

OPEN = frozenset(
    """ass ant aff ow own ows owed ough oughs ead eads ear ears eard eart earth ove oves oved oot ood oods ook ose oses
    oes ost osts oth oths ome omes one ones onse ive ives ild ilds ind inds ull ulls ush ease eas ea our ours oor
    oors oul oull ould oup ous ouse use uses ere eres are ares al als alf alm alms ase as is ies ie i y ye yes uy o
    oo os to ou or ors ord ords ork orks orm orms orld orst orth ward wards a ah e ey eys ei eir eirs eight ein eil
    eit eize eive au aunt aunts aunch aund augh aul auld ants ance ath aths om on ons onk ont onth onths ounge ouch
    oung ount ounts ourn ourse ourt ourth outh ouths ouge uch ure ures ury used us uth uths ui uit uits uild uilt ym
    ymn ynx yn yth""".split()
)
"""Spellings that say more than one sound: only listed words are known by them."""

WORDS: tuple[tuple[str, str], ...] = tuple(
    (sound, words)
    for sound, _, words in (
        line.strip().partition(" ")
        for line in """
EZ says | AL shall pal | AIST christ
EI they grey prey obey convey weigh sleigh neigh ballet cafe bouquet today away day way say stay play gray
EI ray may lay | EIS case base chase vase erase space face place grace race | EIN again_ rein vein reign feign
EITS weights straits rates waits gates | AITS heights nights lights
EIT eight weight freight great straight wait fate fete | EIK steak break | EIKS steaks breaks
EIZ gaze days ways rays praise raise phase phrase | EIST waist waste haste taste paste
EE be he me she we sea tea pea flea plea key the_ three tree free see bee flee knee agree degree fee glee
EE debris ski | EED read_ lead_ bead plead knead need seed feed deed indeed weed
EET street sweet meet feet greet sleet feat heat wheat treat seat beat meat neat defeat retreat repeat complete
EEF leaf sheaf belief relief grief brief thief chief | EEVZ leaves eaves sleeves thieves weaves grieves
EEV leave weave believe receive deceive perceive conceive achieve
EEZ breeze freeze sneeze trees bees knees ease please tease these seas seize peas keys
EES cease crease grease lease peace niece piece fleece release increase_
EEST beast feast least yeast priest ceased
EEN queen green seen scene clean mean machine marine routine ravine serene between unseen
EER here near dear fear year hear clear tear_ spear ear gear rear beer cheer deer appear sphere sincere
EER severe atmosphere | EERZ tears years fears ears hears appears cheers nears | EETH teeth beneath heath wreath
EEL feel heal steal real_ deal meal seal wheel steel | EELD field shield yield
EEM dream stream gleam beam cream seem team scream redeem supreme theme scheme
EENZ beans means queens scenes greens
AI i my by why try cry dry fly sky shy sly fry pry spy sty thy high sigh thigh nigh die lie pie tie bye
AI eye buy guy deny reply rely july supply goodbye
AIZ eyes skies cries flies lies dies tries size rise wise prize surprise disguise guise sighs ties pies
AIZ arise sunrise realise realize despise
AIS ice nice rice price twice spice dice slice advice device paradise vice mice
AID side wide ride tide hide pride guide glide slide bride cried died tried lied tied dried inside beside
AID outside abide decide divide | AIND wind_ | IND wind_ rescind
AIN line mine fine wine shine nine pine vine sign divine design align combine define
AIND mind kind find blind bind grind behind remind signed shined | AILD child wild mild smiled
AIL smile mile while file pile tile aisle isle style | AIM time rhyme climb crime chime lime thyme prime sublime
AIV live_ five dive drive hive alive arrive thrive strive survive | AIVZ lives_ drives dives wives knives thrives
AIR_ fire_ wire_ tire_ desire_ choir_ higher_
AIT night light bright sight right flight might fight tight height knight white write kite bite quite
AIT delight tonight invite polite ignite
OH bow_ row_ sow_ go so no ho fro know snow blow flow grow slow glow low show throw crow toe foe woe hoe
OH doe though dough ago hello below although sew_ bestow
OHD road load toad code rode mode ode abode flowed glowed showed slowed owed snowed explode episode
OHM home roam foam dome comb chrome gnome poem_ tome
OHN stone bone phone tone zone throne alone loan moan groan grown known flown shown thrown blown own
OHN unknown postpone sown_ | OHNZ stones bones tones moans thrones | OHP hope rope slope cope scope soap
OHL soul goal hole whole pole role roll toll scroll bowl coal stroll control | OHLZ souls goals holes poles
OHLD gold cold bold fold hold told old rolled unfold behold controlled
OHT boat coat float goat note vote wrote throat quote remote
OHST coast toast ghost most host post boast roast almost
OHZ rose nose hose those close_ chose froze knows shows grows flows glows blows goes toes woes foes
OHZ suppose expose | OHTH oath growth both | OHS gross dose close_ | OHV cove stove drove wove grove clove
OHR door floor more shore store score four pour roar soar before core wore tore bore ignore explore adore
OHR war oar or nor for restore | OHRZ doors floors shores pours roars wars stores
OHRD lord cord chord sword ford board reward toward_ award hoard ward afford ignored
OHRS horse force course source hoarse coarse remorse divorce | OHRT court port sort short sport fort support resort
OHRTH north forth fourth | OHRM form storm warm swarm
OHRN born corn horn morn thorn worn torn warn mourn scorn adorn
OO blue true you through new few knew grew flew drew threw blew dew view crew chew shoe two who do to_ too
OO zoo moo coo boo woo glue clue due sue hue queue adieu renew pursue bamboo canoe shampoo
OOD food mood rude dude brood crude prude nude include | OOF roof proof hoof_ aloof spoof
OOL cool fool pool school tool rule cruel_ jewel_
OOM room bloom gloom doom boom loom tomb whom womb broom groom perfume assume resume
OON moon soon noon spoon tune june dune prune balloon afternoon lagoon raccoon
OOT boot root_ hoot shoot fruit suit flute cute mute route_ loot pursuit | OOTH truth youth tooth booth sleuth
OOZ use_ excuse_ choose lose whose snooze news views booze cruise bruise refuse_ shoes blues
OOS use_ excuse_ loose goose juice moose truce noose | OOV move prove groove improve remove approve
OOP soup loop group hoop troop droop swoop | AU row_ sow_ how now cow bow_ brow plow vow allow bough wow somehow
AUD cloud loud proud crowd shroud bowed_ allowed aloud vowed | AUDZ clouds crowds shrouds
AUN down town brown crown gown frown clown noun drown
AUND sound ground round found bound mound hound pound around profound astound | AUZ house_
AUS house_ mouse spouse blouse grouse | OOT route_ | AUT out shout doubt about scout stout trout route_ without
AUTH mouth south | AUR_ hour_ flower_ power_ tower_ our_ sour_ | OI boy joy toy employ enjoy destroy annoy
OIS voice choice rejoice | OIZ noise poise toys joys boys | OIL soil toil oil boil spoil
AAR star far car are bar guitar jar scar tar afar | AARM arm charm harm farm alarm | AARMZ arms charms farms harms
AART heart art part start smart chart apart cart dart depart | AARTS hearts parts starts arts carts
AARD hard guard yard card scarred | AARK dark bark spark park mark lark shark embark remark
AARZ stars cars scars bars | AAM_ calm palm balm psalm
AND land sand hand grand stand band understand command demand | ANG sang rang hang bang
AN can man ran plan began van fan pan span tan than | AT cat hat mat that sat bat rat fat flat chat
AD sad glad bad had mad dad lad add | AES glass grass pass class brass | AS mass lass gas
AEST last past fast vast cast blast passed | AENS dance chance glance france advance romance
AENT plant grant can't | AETH path bath | AESK ask task mask | ANT ant rant scant pant | AV have | AZ has as jazz
AEF laugh half calf staff
ED bed red head bread dead said spread thread led fed shed instead ahead dread read__ lead__ sped fled
ETH death breath | EL bell tell well fell shell spell smell dwell farewell | EN then when men ten pen den again_
END friend end send bend spend lend mend blend pretend defend ascend
ENT went sent bent spent tent scent lent content_ event
EST best rest west nest test chest quest guest breast dressed blessed_ possessed
ET wet let set met yet get bet sweat net pet debt threat forget regret sunset
EAIR tear_ air hair chair fair care share bear pear wear where there their stare rare square prayer_ dare
EAIR aware despair repair declare everywhere compare they're | EAIRZ stairs cares theirs shares pears bears wears
OV of_ | UV of_ | ELTH health wealth stealth | IL hill will still fill chill thrill spill until fulfil
IN in win spin skin begin thin sin grin chin pin kin within been_
ING sing ring king spring bring wing thing string swing sting cling | IV live_ give forgive | IZ is his quiz
IT it sit bit hit lit fit split spit | IST mist kissed list wrist fist twist missed exist | ISH wish fish dish
ID did hid lid kid grid | ITH myth_ with_ pith smith_ | ILT built guilt quilt wilt
OK rock clock lock knock block sock flock | OP top stop drop hop shop crop
OT not hot lot spot got dot forgot knot pot shot | OD god_ nod rod odd | ON on gone_ con | AWN gone_
ONG gong song long strong along belong wrong | AWL all call fall wall small tall ball crawl hall
AWT thought caught bought brought fought taught sought | AWN dawn lawn drawn yawn fawn | AWS cause_ sauce
AW saw law draw raw straw claw jaw paw thaw | UZ because_ does_ was_ | OZ because_ was_
AWZ cause pause because_ laws | AWK walk talk chalk stalk hawk | UV love above dove_ shove glove
UVZ loves doves gloves | UM some come drum hum from_ thumb dumb numb crumb become overcome
UN sun run fun one done won son ton begun none undone | UND fund stunned | UD blood mud flood bud
UF enough tough rough stuff bluff puff | UK luck truck duck stuck struck
UNG young tongue sung hung lung rung swung | UNTH month | UST dust trust must just rust gust | US us bus plus thus
UCH much such touch clutch | UHK look book took cook hook brook shook
UHD good could would should wood stood hood understood | UHT foot put soot | UHL full pull bull wool
UHSH push bush | UP up cup pup | USH rush crush brush hush blush flush | UT but cut shut nut
ER her sir fur stir were_ blur purr occur prefer refer | ERD word bird heard third herd absurd stirred blurred
ERDZ birds words herds | ERK work lurk shirk | ERL girl pearl curl swirl twirl whirl | ERLD world curled swirled
ERLZ girls pearls curls swirls | ERM worm firm term | ERN learn burn turn return earn stern yearn concern
ERS verse curse nurse worse universe purse reverse | ERST first burst thirst worst
ERT hurt dirt shirt skirt alert desert_ dessert | ERTH earth birth worth mirth | ERV curve serve nerve deserve
OOR_ sure_ pure_ cure_ poor_ your_ tour_
""".replace("\n", " | ").split(" | ")
    )
)
"""Words and where they end; those with an underscore are said in several ways, or differ from place to place."""
