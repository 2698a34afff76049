// A wall clock that a test sets, for a program that is started with this library in LD_PRELOAD. Nothing but the wall clock
// is moved: time since the machine's start is the machine's own, as where somebody sets a machine's clock.
//
// What is asked for the time is asked very early (by an allocator that is just being set up, for one), so nothing here
// allocates on that way.
#define _GNU_SOURCE
#include "CFakeClock.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

// Deadlines beyond it are moments of the wall clock (2001 or later), the others of a clock that starts with the machine.
static const time_t earliest_moment = 1000000000;

static int64_t ahead(void) {
    static _Atomic(volatile int64_t *) shared;
    volatile int64_t *seconds = atomic_load(&shared);
    if (seconds == NULL) {
        const char *path = getenv(FAKE_CLOCK_VARIABLE);
        int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
        if (file < 0) return 0;
        void *map = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
        close(file);
        if (map == MAP_FAILED) return 0;
        atomic_store(&shared, map);
        seconds = map;
    }
    return *seconds;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = (int)syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += ahead();
    return result;
}

int timespec_get(struct timespec *time, int base) {
    return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, time) == 0 ? base : 0;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    (void)zone;
    struct timespec now;
    int result = clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return result;
}

time_t time(time_t *seconds) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (seconds != NULL) *seconds = now.tv_sec;
    return now.tv_sec;
}

// The machine waits on its own clock.
static struct timespec of_machine(const struct timespec *deadline) {
    struct timespec moment = *deadline;
    if (moment.tv_sec > earliest_moment) moment.tv_sec -= ahead();
    return moment;
}

#define REAL(name, ...) \
    static _Atomic(void *) found; \
    if (atomic_load(&found) == NULL) atomic_store(&found, dlsym(RTLD_NEXT, #name)); \
    int (*real)(__VA_ARGS__) = (int (*)(__VA_ARGS__))atomic_load(&found)

int pthread_cond_timedwait(
    pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, const struct timespec *restrict deadline) {
    REAL(pthread_cond_timedwait, pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    struct timespec moment = of_machine(deadline);
    return real(condition, mutex, &moment);
}

int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex, const struct timespec *restrict deadline) {
    REAL(cnd_timedwait, cnd_t *, mtx_t *, const struct timespec *);
    struct timespec moment = of_machine(deadline);
    return real(condition, mutex, &moment);
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict deadline) {
    REAL(sem_timedwait, sem_t *, const struct timespec *);
    struct timespec moment = of_machine(deadline);
    return real(semaphore, &moment);
}
