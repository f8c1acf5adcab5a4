"""Names of places and the scenes that they mean: data of `match_table`; the form is that of `match_names_events`.

DESED's clips are of homes; MAESTRO-Real's five scenes are a café or restaurant, a city centre, a grocery store, a
metro station and a residential area.
"""

from __future__ import annotations

SCENE_GROUPS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("Home",),
        "a dwelling or a room of one",
        """
        house; apartment; flat; indoor home; home interior; inside a house; inside a home; at home; household;
        domestic environment; domestic; residence; home environment; kitchen; a home kitchen; living room; bedroom;
        bathroom; dining room; laundry room; nursery; home office; basement; garage; indoor domestic; domestic kitchen;
        domestic setting; house interior; hallway; shower room; toilet; kitchen at home; Inside, small room;
        small room; indoors at home; apartment interior; indoor kitchen; 家; 家里; 家中; 家庭; 厨房; 客厅; 卧室; 浴室;
        室内家庭
        """,
    ),
    (
        ("Restaurant",),
        "a place where people eat and drink",
        """
        café; cafe; coffee shop; cafeteria; canteen; bar; pub; diner; bistro; food court; tea house; teahouse;
        busy restaurant; cafe or restaurant; cafe/restaurant; restaurant or cafe; café restaurant; pizzeria; eatery;
        fast food restaurant; dining hall; bakery cafe; indoor restaurant; busy cafe; coffeehouse; dining area;
        restaurant kitchen; tavern; crowded restaurant; inside a restaurant; inside a cafe; 餐厅; 饭店; 餐馆; 咖啡馆;
        咖啡厅; 酒吧; 食堂
        """,
    ),
    (
        ("City Center",),
        "streets and squares in the middle of a town",
        """
        city centre; downtown; city; city street; urban street; busy street; busy city street; street; town centre;
        town center; town square; public square; city square; plaza; square; pedestrian street; pedestrian zone;
        shopping street; street with traffic; street traffic; roadside; road; crosswalk; intersection;
        traffic intersection; urban; urban area; urban environment; urban setting; outdoor urban; urban outdoor;
        Outside, urban or manmade; main street; boulevard; inner city; town; sidewalk; city road; busy road; bus stop;
        city traffic; traffic; outdoor city street; outdoor street; 市中心; 城市中心; 城市街道; 街道; 城市; 马路; 广场;
        路边
        """,
    ),
    (
        ("Grocery Store",),
        "a shop for food, or a shop of a kind that is not said: no other shop is a label",
        """
        supermarket; grocery; market; food market; convenience store; store; shop; grocery shop; supermarket checkout;
        checkout; checkout counter; retail store; inside a supermarket; inside a store; grocery market; hypermarket;
        corner shop; corner store; retail; retail shop; food store; indoor market; minimarket; deli; bakery; 超市;
        杂货店; 便利店; 商店; 菜市场; 食品店
        """,
    ),
    (
        ("Metro Station",),
        "a station of an underground or of any train: no other station is a label",
        """
        subway station; underground station; train station; railway station; metro; subway; metro platform;
        subway platform; train platform; train station platform; railway platform; platform; tube station; station;
        metro station platform; inside a metro station; subway station platform; underground; transit station;
        inside a subway station; rail station; railroad station; underground metro station; light rail station;
        Subway, metro, underground; Train; Rail transport; train terminal; subway train; metro train; 地铁站; 地铁;
        火车站; 地铁站台; 站台; 车站; 高铁站
        """,
    ),
    (
        ("Residential Area",),
        "houses outside the middle of a town, or what lies around one",
        """
        residential; residential street; residential neighborhood; residential neighbourhood; neighborhood;
        neighbourhood; suburb; suburban area; suburban street; suburban; suburbia; suburban neighborhood; quiet street;
        quiet residential street; quiet residential area; housing area; housing estate; backyard; back yard; yard;
        front yard; garden; residential district; residential zone; suburban backyard; courtyard; quiet neighborhood;
        outdoor residential area; driveway; balcony; patio; village street; 居民区; 住宅区; 小区; 社区; 郊区; 院子;
        花园
        """,
    ),
    (
        (),
        "broader than any scene: it does not say which",
        """
        indoor; inside; interior; indoor space; indoor environment; indoor setting; indoor scene; room; a quiet room;
        quiet indoor; quiet indoor environment; quiet indoor space; quiet environment; outdoor; outside;
        outdoor environment; outdoor setting; outdoor area; public place; public space; building; indoor public space;
        Inside, large room or hall; Inside, public space; Outside, rural or natural; hall; large room; large hall;
        lobby; crowd; crowded place; public; unknown; unclear; silence; noise; background noise; ambient;
        noisy environment; environment; 室内; 室外; 户外; 公共场所; 房间; 安静的房间; 未知
        """,
    ),
    (
        (),
        "a place that is none of the six scenes",
        """
        office; office room; open office; meeting room; conference room; classroom; school; lecture hall; library;
        studio; recording studio; sound booth; recording booth; soundproof room; hospital; church; theater; theatre;
        cinema; concert hall; stadium; gym; sports hall; swimming pool; pool; airport; airport terminal; shopping mall;
        mall; shopping center; department store; warehouse; factory; workshop; construction site; industrial area;
        laboratory; hotel; hotel lobby; museum; elevator; stairwell; parking lot; parking garage; tunnel; highway;
        motorway; freeway; car interior; inside a car; in a car; in-vehicle; inside a vehicle; inside a bus;
        bus interior; inside a train; train interior; tram; inside an airplane; park; city park; urban park;
        playground; forest; woods; woodland; beach; seaside; lake; river; riverside; countryside; rural area; rural;
        farm; field; nature; mountain; harbor; port; zoo; barn; gas station; call center; radio station; 办公室; 教室;
        会议室; 录音室; 公园; 森林; 机场; 商场; 学校; 医院; 车内; 海边
        """,
    ),
)
