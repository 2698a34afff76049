#ifndef CFAKECLOCK_H
#define CFAKECLOCK_H

/// Names the file whose first eight bytes say by how many seconds the wall clock is ahead.
#define FAKE_CLOCK_VARIABLE "FAKE_CLOCK_FILE"

#endif
