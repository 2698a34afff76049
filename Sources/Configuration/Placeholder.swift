// Room of the Configuration module.
