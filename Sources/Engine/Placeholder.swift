// Room of the Engine module.
