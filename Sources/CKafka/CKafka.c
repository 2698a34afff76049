#include "CKafka.h"
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// Log lines that are kept until someone asks, and the length of each: a broker that is gone logs for hours.
enum { LOG_LINES = 64, LOG_LENGTH = 384, CACHED_TOPICS = 16, ERROR_LENGTH = 256 };

// librdkafka's topic pointers are stable while a topic is consumed: comparing them spares a string comparison.
typedef struct {
    rd_kafka_topic_t *topic;
    int32_t index;
} cached_topic;

struct ckafka_client {
    rd_kafka_t *handle;
    rd_kafka_queue_t *consumer_queue;

    // Written by librdkafka's threads, read by the owner: under `lock`.
    pthread_mutex_t lock;
    ckafka_connection connection;
    char connection_reason[ERROR_LENGTH];
    char log[LOG_LINES][LOG_LENGTH];
    int log_levels[LOG_LINES];
    size_t log_first, log_count;

    // Delivery reports are served inside the owner's polls and flushes, but a flush may run on another thread.
    atomic_uint_fast64_t delivered, failed;
    atomic_int first_delivery_error;

    // Only touched inside the owner's polls.
    ckafka_rebalance rebalance;
    rd_kafka_topic_partition_list_t *rebalance_partitions;
    bool closing;
    cached_topic topics[CACHED_TOPICS];
    int topic_count;
};

static void on_log(const rd_kafka_t *handle, int level, const char *facility, const char *text) {
    if (!handle) return; // librdkafka also logs while a handle is being made
    // A common property that concerns one side only is no mistake; real ones were reported with their line.
    if (strcmp(facility, "CONFWARN") == 0) return;
    ckafka_client *client = rd_kafka_opaque(handle);
    pthread_mutex_lock(&client->lock);
    if (client->log_count == LOG_LINES) {
        client->log_first = (client->log_first + 1) % LOG_LINES;
        client->log_count--;
    }
    size_t slot = (client->log_first + client->log_count++) % LOG_LINES;
    client->log_levels[slot] = level;
    snprintf(client->log[slot], LOG_LENGTH, "%s: %s", facility, text);
    pthread_mutex_unlock(&client->lock);
}

static void on_error(rd_kafka_t *handle, int code, const char *reason, void *opaque) {
    (void)handle;
    ckafka_client *client = opaque;
    pthread_mutex_lock(&client->lock);
    // "1/1 brokers are down" follows what each broker's connection said, which tells more.
    if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || client->connection == CKAFKA_CONNECTION_GOOD) {
        snprintf(client->connection_reason, ERROR_LENGTH, "%s", reason ? reason : rd_kafka_err2str(code));
    }
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        client->connection = CKAFKA_CONNECTION_DOWN;
    } else if (client->connection == CKAFKA_CONNECTION_GOOD) {
        client->connection = CKAFKA_CONNECTION_DEGRADED;
    }
    pthread_mutex_unlock(&client->lock);
}

static void on_delivery(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque) {
    (void)handle;
    ckafka_client *client = opaque;
    if (message->err) {
        int none = 0;
        atomic_compare_exchange_strong(&client->first_delivery_error, &none, message->err);
        atomic_fetch_add(&client->failed, 1);
    } else {
        atomic_fetch_add(&client->delivered, 1);
    }
}

static void on_rebalance(rd_kafka_t *handle, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *partitions,
                         void *opaque) {
    ckafka_client *client = opaque;
    if (client->closing) {
        // Nobody will ask any more: the worker has committed or given up before it closes.
        rd_kafka_assign(handle, NULL);
        return;
    }
    if (client->rebalance_partitions) rd_kafka_topic_partition_list_destroy(client->rebalance_partitions);
    client->rebalance_partitions = rd_kafka_topic_partition_list_copy(partitions);
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        client->rebalance = CKAFKA_REBALANCE_ASSIGNED;
    } else {
        client->rebalance =
            rd_kafka_assignment_lost(handle) ? CKAFKA_REBALANCE_LOST : CKAFKA_REBALANCE_REVOKED;
    }
    // Make the poll that serves this callback return at once.
    rd_kafka_yield(handle);
}

static bool set_properties(rd_kafka_conf_t *conf, const char *const *keys, const char *const *values, size_t count,
                           char *error, size_t error_size) {
    for (size_t i = 0; i < count; i++) {
        char complaint[ERROR_LENGTH];
        if (rd_kafka_conf_set(conf, keys[i], values[i], complaint, sizeof complaint) != RD_KAFKA_CONF_OK) {
            snprintf(error, error_size, "%s", complaint);
            return false;
        }
    }
    return true;
}

bool ckafka_property_check(const char *key, const char *value, char *error, size_t error_size) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    bool valid = set_properties(conf, &key, &value, 1, error, error_size);
    rd_kafka_conf_destroy(conf);
    return valid;
}

ckafka_client *ckafka_client_new(bool is_consumer, const char *const *keys, const char *const *values, size_t count,
                                 char *error, size_t error_size) {
    ckafka_client *client = calloc(1, sizeof *client);
    if (!client) {
        snprintf(error, error_size, "out of memory");
        return NULL;
    }
    pthread_mutex_init(&client->lock, NULL);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_opaque(conf, client);
    rd_kafka_conf_set_log_cb(conf, on_log);
    rd_kafka_conf_set_error_cb(conf, on_error);
    if (is_consumer) {
        rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    } else {
        rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    }
    if (set_properties(conf, keys, values, count, error, error_size)) {
        client->handle =
            rd_kafka_new(is_consumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER, conf, error, error_size);
    }
    if (!client->handle) {
        // rd_kafka_new() takes the configuration only when it succeeds.
        rd_kafka_conf_destroy(conf);
        pthread_mutex_destroy(&client->lock);
        free(client);
        return NULL;
    }
    if (is_consumer) {
        // Otherwise errors and statistics would wait in a queue that nobody polls.
        rd_kafka_poll_set_consumer(client->handle);
        client->consumer_queue = rd_kafka_queue_get_consumer(client->handle);
    }
    return client;
}

rd_kafka_t *ckafka_client_handle(ckafka_client *client) { return client->handle; }

static void free_client(ckafka_client *client) {
    if (client->rebalance_partitions) rd_kafka_topic_partition_list_destroy(client->rebalance_partitions);
    pthread_mutex_destroy(&client->lock);
    free(client);
}

// Whoever of the two is last frees: the thread that destroys, or the caller that stopped waiting for it.
typedef struct {
    ckafka_client *client;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool done, abandoned;
} destruction;

static void free_destruction(destruction *d) {
    pthread_cond_destroy(&d->ended);
    pthread_mutex_destroy(&d->lock);
    free(d);
}

static void *destroy_in_background(void *argument) {
    destruction *d = argument;
    ckafka_client *client = d->client;
    // Our reference to the queue goes first: a handle is not destroyed while its queue is held.
    if (client->consumer_queue) rd_kafka_queue_destroy(client->consumer_queue);
    // Closing has been done before, within its bound, or must not be waited for.
    rd_kafka_destroy_flags(client->handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    // Callbacks refer to the client until the handle is gone: it is freed last.
    free_client(client);
    pthread_mutex_lock(&d->lock);
    d->done = true;
    bool abandoned = d->abandoned;
    pthread_cond_signal(&d->ended);
    pthread_mutex_unlock(&d->lock);
    if (abandoned) free_destruction(d);
    return NULL;
}

bool ckafka_client_destroy(ckafka_client *client, int timeout_ms) {
    destruction *d = calloc(1, sizeof *d);
    pthread_t thread;
    if (!d) return false;
    d->client = client;
    pthread_mutex_init(&d->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&d->ended, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&thread, NULL, destroy_in_background, d) != 0) {
        free_destruction(d);
        return false;
    }
    pthread_detach(thread);
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += timeout_ms / 1000;
    deadline.tv_nsec += (long)(timeout_ms % 1000) * 1000000L;
    if (deadline.tv_nsec >= 1000000000L) {
        deadline.tv_sec++;
        deadline.tv_nsec -= 1000000000L;
    }
    pthread_mutex_lock(&d->lock);
    while (!d->done && pthread_cond_timedwait(&d->ended, &d->lock, &deadline) != ETIMEDOUT) {
    }
    bool done = d->done;
    d->abandoned = !done;
    pthread_mutex_unlock(&d->lock);
    if (done) free_destruction(d);
    return done;
}

ckafka_connection ckafka_client_connection(ckafka_client *client, char *reason, size_t reason_size) {
    pthread_mutex_lock(&client->lock);
    ckafka_connection connection = client->connection;
    snprintf(reason, reason_size, "%s", connection == CKAFKA_CONNECTION_GOOD ? "" : client->connection_reason);
    pthread_mutex_unlock(&client->lock);
    return connection;
}

void ckafka_client_connection_ok(ckafka_client *client) {
    pthread_mutex_lock(&client->lock);
    client->connection = CKAFKA_CONNECTION_GOOD;
    pthread_mutex_unlock(&client->lock);
}

int ckafka_client_fatal_error(ckafka_client *client, char *reason, size_t reason_size) {
    return rd_kafka_fatal_error(client->handle, reason, reason_size);
}

int ckafka_client_take_log(ckafka_client *client, char *line, size_t line_size) {
    int level = -1;
    pthread_mutex_lock(&client->lock);
    if (client->log_count > 0) {
        level = client->log_levels[client->log_first];
        snprintf(line, line_size, "%s", client->log[client->log_first]);
        client->log_first = (client->log_first + 1) % LOG_LINES;
        client->log_count--;
    }
    pthread_mutex_unlock(&client->lock);
    return level;
}

ckafka_deliveries ckafka_client_deliveries(ckafka_client *client) {
    return (ckafka_deliveries){
        .delivered = atomic_load(&client->delivered),
        .failed = atomic_load(&client->failed),
        .first_error = atomic_load(&client->first_delivery_error),
    };
}

void ckafka_client_reset_deliveries(ckafka_client *client) {
    atomic_store(&client->delivered, 0);
    atomic_store(&client->failed, 0);
    atomic_store(&client->first_delivery_error, 0);
}

int ckafka_produce(ckafka_client *client, const char *topic, int32_t partition, const void *key, size_t key_length,
                   const void *value, size_t value_length, int64_t timestamp_ms, size_t header_count,
                   const char *const *header_names, const ptrdiff_t *header_name_lengths,
                   const void *const *header_values, const ptrdiff_t *header_value_lengths) {
    rd_kafka_headers_t *headers = NULL;
    if (header_count > 0) {
        headers = rd_kafka_headers_new(header_count);
        for (size_t i = 0; i < header_count; i++) {
            rd_kafka_resp_err_t code = rd_kafka_header_add(headers, header_names[i], header_name_lengths[i],
                                                           header_values[i], header_value_lengths[i]);
            if (code) {
                rd_kafka_headers_destroy(headers);
                return code;
            }
        }
    }
    rd_kafka_vu_t arguments[8];
    size_t count = 0;
    arguments[count++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = topic};
    arguments[count++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = partition};
    arguments[count++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY};
    arguments[count++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {(void *)value, value_length}};
    arguments[count++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)key, key_length}};
    arguments[count++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = timestamp_ms};
    if (headers) arguments[count++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers};
    rd_kafka_error_t *error = rd_kafka_produceva(client->handle, arguments, count);
    if (!error) return RD_KAFKA_RESP_ERR_NO_ERROR;
    int code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    // librdkafka owns the headers only once it has taken the message.
    if (headers) rd_kafka_headers_destroy(headers);
    return code;
}

static int32_t topic_index(ckafka_client *client, rd_kafka_topic_t *topic, const char *const *topics,
                           int32_t topic_count) {
    for (int i = 0; i < client->topic_count; i++) {
        if (client->topics[i].topic == topic) return client->topics[i].index;
    }
    const char *name = topic ? rd_kafka_topic_name(topic) : "";
    for (int32_t i = 0; i < topic_count; i++) {
        if (strcmp(topics[i], name) == 0) {
            if (client->topic_count < CACHED_TOPICS) {
                client->topics[client->topic_count++] = (cached_topic){topic, i};
            }
            return i;
        }
    }
    return -1;
}

static void keep_error(rd_kafka_message_t *message, ckafka_poll_error *error) {
    if (error->code) return;
    error->code = message->err;
    error->partition = message->partition;
    snprintf(error->topic, sizeof error->topic, "%s", message->rkt ? rd_kafka_topic_name(message->rkt) : "");
    snprintf(error->message, sizeof error->message, "%s", rd_kafka_message_errstr(message));
}

// Spreads what librdkafka delivered at messages[from..<from+count] over the arrays, taking out what is no message.
static void spread(ckafka_client *client, ckafka_batch *batch, size_t from, size_t count, const char *const *topics,
                   int32_t topic_count, ckafka_poll_error *error) {
    size_t next = from;
    for (size_t i = from; i < from + count; i++) {
        rd_kafka_message_t *message = batch->messages[i];
        int32_t topic = topic_index(client, message->rkt, topics, topic_count);
        if (message->err || topic < 0) {
            if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF && topic >= 0) {
                size_t end = batch->end_count++;
                batch->end_topics[end] = topic;
                batch->end_partitions[end] = message->partition;
                batch->end_offsets[end] = message->offset;
            } else if (message->err) {
                keep_error(message, error);
            }
            rd_kafka_message_destroy(message);
            continue;
        }
        rd_kafka_timestamp_type_t timestamp_type;
        batch->messages[next] = message;
        batch->values[next] = message->payload;
        batch->value_lengths[next] = (int32_t)message->len;
        batch->keys[next] = message->key;
        batch->key_lengths[next] = (int32_t)message->key_len;
        batch->offsets[next] = message->offset;
        batch->timestamps[next] = rd_kafka_message_timestamp(message, &timestamp_type);
        batch->partitions[next] = message->partition;
        batch->topics[next] = topic;
        next++;
    }
    batch->count = next;
    if (next > from) ckafka_client_connection_ok(client);
}

// Every polled entry may turn out to be an end of a partition: never ask for more than there is room for either.
static size_t room(const ckafka_batch *batch, size_t maximum) {
    size_t limit = maximum < batch->capacity ? maximum : batch->capacity;
    size_t messages = limit > batch->count ? limit - batch->count : 0;
    size_t ends = batch->end_capacity - batch->end_count;
    return messages < ends ? messages : ends;
}

static size_t drain(ckafka_client *client, ckafka_batch *batch, size_t maximum, const char *const *topics,
                    int32_t topic_count, ckafka_poll_error *error) {
    size_t wanted = room(batch, maximum);
    if (wanted == 0) return 0;
    ssize_t got = rd_kafka_consume_batch_queue(client->consumer_queue, 0,
                                               (rd_kafka_message_t **)&batch->messages[batch->count], wanted);
    if (got <= 0) return 0;
    spread(client, batch, batch->count, (size_t)got, topics, topic_count, error);
    return (size_t)got;
}

void ckafka_poll(ckafka_client *client, ckafka_batch *batch, size_t maximum, int timeout_ms, const char *const *topics,
                 int32_t topic_count, ckafka_poll_error *error) {
    // consume_batch_queue() waits until the array is full or the time is over, so it must never be given time: what is
    // there is drained, and only when nothing is there does a poll for one message wait.
    if (drain(client, batch, maximum, topics, topic_count, error) > 0) return;
    if (client->rebalance != CKAFKA_REBALANCE_NONE || timeout_ms == 0 || room(batch, maximum) == 0) return;
    rd_kafka_message_t *message = rd_kafka_consumer_poll(client->handle, timeout_ms);
    if (!message) return;
    batch->messages[batch->count] = message;
    spread(client, batch, batch->count, 1, topics, topic_count, error);
    drain(client, batch, maximum, topics, topic_count, error);
}

void ckafka_batch_release(ckafka_batch *batch) {
    for (size_t i = 0; i < batch->count; i++) {
        // A batch that was filled from plain memory has no messages of librdkafka's.
        if (batch->messages[i]) rd_kafka_message_destroy(batch->messages[i]);
    }
    batch->count = 0;
    batch->end_count = 0;
}

const rd_kafka_headers_t *ckafka_message_headers(void *message) {
    rd_kafka_headers_t *headers = NULL;
    return rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR ? headers : NULL;
}

ckafka_rebalance ckafka_client_take_rebalance(ckafka_client *client, rd_kafka_topic_partition_list_t **partitions) {
    ckafka_rebalance rebalance = client->rebalance;
    *partitions = client->rebalance_partitions;
    client->rebalance = CKAFKA_REBALANCE_NONE;
    client->rebalance_partitions = NULL;
    // Topics may be made anew between two assignments, at the address of another.
    client->topic_count = 0;
    return rebalance;
}

bool ckafka_consumer_close(ckafka_client *client, int timeout_ms) {
    client->closing = true;
    if (client->rebalance != CKAFKA_REBALANCE_NONE) {
        // One that nobody answered would hold the closing up.
        client->rebalance = CKAFKA_REBALANCE_NONE;
        rd_kafka_assign(client->handle, NULL);
    }
    // A queue of its own: the group's queue is redirected to it. Polling it for messages, not for callbacks, because
    // librdkafka asserts that the latter leaves nothing over.
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client->handle);
    rd_kafka_error_t *error = rd_kafka_consumer_close_queue(client->handle, queue);
    if (error) {
        rd_kafka_error_destroy(error);
    } else {
        // Each poll serves what the group hands over; 10 ms is how late we notice that it is closed.
        const int step_ms = 10;
        rd_kafka_message_t *messages[16];
        for (int waited = 0; waited < timeout_ms && !rd_kafka_consumer_closed(client->handle); waited += step_ms) {
            ssize_t got = rd_kafka_consume_batch_queue(queue, step_ms, messages, 16);
            for (ssize_t i = 0; i < got; i++) rd_kafka_message_destroy(messages[i]);
        }
    }
    bool closed = rd_kafka_consumer_closed(client->handle);
    rd_kafka_queue_destroy(queue);
    return closed;
}
