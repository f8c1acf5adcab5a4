"""The label lists of SSEU-Bench; their order is part of the contract (class ids are positions here).

The paper names 6 scenes and 18 events (section 2.1); docs/protocol.md tells how the lists were found.
"""

SCENES: tuple[str, ...] = (
    "Home",
    "Restaurant",
    "City Center",
    "Grocery Store",
    "Metro Station",
    "Residential Area",
)

EVENTS: tuple[str, ...] = (
    # DESED
    "Alarm Bell Ringing",
    "Blender",
    "Cat",
    "Dishes",  # MAESTRO-Real's "cutlery and dishes" too
    "Dog",
    "Electric Shaver Toothbrush",
    "Frying",
    "Running Water",
    "Vacuum Cleaner",
    # MAESTRO-Real
    "Birds Singing",
    "Brakes Squeaking",
    "Car",
    "Children Voices",
    "Footsteps",
    "Large Vehicle",
    "Metro Approaching",
    "Metro Leaving",
    "Wind Blowing",
)
