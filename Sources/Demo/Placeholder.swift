// Room of the Demo module.
