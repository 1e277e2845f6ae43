//! Sans-I/O models of message brokers, one state machine a system.
