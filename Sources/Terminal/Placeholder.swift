// Room of the Terminal module.
