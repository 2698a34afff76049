#pragma once
// fcntl.h declares these only to programs that define _GNU_SOURCE, which Swift's own import of it does not.
#define CLINUX_SYNC_FILE_RANGE_WAIT_BEFORE 1u
#define CLINUX_SYNC_FILE_RANGE_WRITE 2u
#define CLINUX_SYNC_FILE_RANGE_WAIT_AFTER 4u
extern int sync_file_range(int descriptor, long long offset, long long count, unsigned int flags);
// The same goes for string.h.
extern void *memmem(const void *haystack, __SIZE_TYPE__ haystackCount, const void *needle, __SIZE_TYPE__ needleCount);
