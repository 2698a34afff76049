// Room of the Kafka module.
