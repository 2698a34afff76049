// Room of the Leads module.
