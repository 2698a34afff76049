// Room of the Telemetry module.
