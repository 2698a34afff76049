// Tests of Leads.
