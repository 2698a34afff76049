// Tests of Journey.
