// Room of the Contract module.
