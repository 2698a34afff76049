#pragma once
// The C shim over librdkafka: what Swift can't do cheaply or safely itself.
//
// librdkafka calls back from its own threads and from inside polls. None of its callbacks may run Swift code: they
// record what happened in the client, and Swift asks for it between two polls. What is polled on the hot path comes
// back in flat arrays that the caller owns.
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// One librdkafka handle and what its callbacks recorded.
typedef struct ckafka_client ckafka_client;

/// Makes a client. Returns NULL and a complaint in `error` when a property or librdkafka refuses.
/// `is_consumer` chooses the kind; a consumer with a `group.id` gets the rebalance callback.
ckafka_client *ckafka_client_new(bool is_consumer, const char *const *keys, const char *const *values, size_t count,
                                 char *error, size_t error_size);

/// Checks one property as librdkafka would. Returns false and its complaint in `error`.
bool ckafka_property_check(const char *key, const char *value, char *error, size_t error_size);

rd_kafka_t *ckafka_client_handle(ckafka_client *client);

/// Destroys the client on a thread of its own and waits at most `timeout_ms` for it: librdkafka 2.0.2 may wait without
/// end where a partition was lost or its topic deleted. Returns false when it was left to end by itself.
bool ckafka_client_destroy(ckafka_client *client, int timeout_ms);

typedef enum { CKAFKA_CONNECTION_GOOD, CKAFKA_CONNECTION_DEGRADED, CKAFKA_CONNECTION_DOWN } ckafka_connection;

/// What is known of the connection: degraded after any broker's error, down when all brokers were reported down; good
/// again as soon as a message arrived or ckafka_client_connection_ok() said that a broker answered.
ckafka_connection ckafka_client_connection(ckafka_client *client, char *reason, size_t reason_size);
void ckafka_client_connection_ok(ckafka_client *client);

/// The error that made the client useless (fenced, mostly); 0 when there is none.
int ckafka_client_fatal_error(ckafka_client *client, char *reason, size_t reason_size);

/// Takes the oldest kept log line. Returns its syslog level, or -1 when there is none. Lines beyond the bound are
/// dropped, the oldest first.
int ckafka_client_take_log(ckafka_client *client, char *line, size_t line_size);

// Producers: what delivery reports said since the counters were last reset.
typedef struct {
    uint64_t delivered;
    uint64_t failed;
    int first_error; // of those that failed
} ckafka_deliveries;
ckafka_deliveries ckafka_client_deliveries(ckafka_client *client);
void ckafka_client_reset_deliveries(ckafka_client *client);

/// Produces one message, copying it. `partition` -1 leaves the choice to the partitioner; `timestamp_ms` 0 means now.
/// NULL key or value are null in Kafka too. A header's value may be NULL.
int ckafka_produce(ckafka_client *client, const char *topic, int32_t partition, const void *key, size_t key_length,
                   const void *value, size_t value_length, int64_t timestamp_ms, size_t header_count,
                   const char *const *header_names, const ptrdiff_t *header_name_lengths,
                   const void *const *header_values, const ptrdiff_t *header_value_lengths);

/// The flat arrays that a poll fills, each with room for `capacity` entries; `messages` are librdkafka's own.
typedef struct {
    void **messages;
    const void **values;
    const void **keys;
    int32_t *value_lengths;
    int32_t *key_lengths;
    int64_t *offsets;
    int64_t *timestamps;
    int32_t *partitions;
    int32_t *topics;
    size_t capacity;
    size_t count;
    // End-of-partition reports: topic, partition and offset of each. A poll stops before it would have no room.
    int32_t *end_topics;
    int32_t *end_partitions;
    int64_t *end_offsets;
    size_t end_capacity;
    size_t end_count;
} ckafka_batch;

/// The first error that came with a poll, besides ends of partitions.
typedef struct {
    int code; // 0: none
    int32_t partition;
    char topic[256];
    char message[512];
} ckafka_poll_error;

/// Waits at most `timeout_ms` for a first message, then drains without waiting, up to `maximum` messages.
/// `topics` gives the index of each name. Returns early when a rebalance was handed over.
void ckafka_poll(ckafka_client *client, ckafka_batch *batch, size_t maximum, int timeout_ms, const char *const *topics,
                 int32_t topic_count, ckafka_poll_error *error);

/// Gives the batch's messages back to librdkafka.
void ckafka_batch_release(ckafka_batch *batch);

/// Headers of a polled message: NULL when it has none.
const rd_kafka_headers_t *ckafka_message_headers(void *message);

typedef enum { CKAFKA_REBALANCE_NONE, CKAFKA_REBALANCE_ASSIGNED, CKAFKA_REBALANCE_REVOKED, CKAFKA_REBALANCE_LOST } ckafka_rebalance;

/// Takes the rebalance that was handed over, with its partitions, which the caller destroys.
/// librdkafka waits until the caller answers with rd_kafka_assign().
ckafka_rebalance ckafka_client_take_rebalance(ckafka_client *client, rd_kafka_topic_partition_list_t **partitions);

/// Leaves the group (a static member stays in it) and waits at most `timeout_ms`.
bool ckafka_consumer_close(ckafka_client *client, int timeout_ms);


#ifdef __cplusplus
}
#endif
