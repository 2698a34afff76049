// Tests of Contract.
