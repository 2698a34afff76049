// Room of the Journal module.
