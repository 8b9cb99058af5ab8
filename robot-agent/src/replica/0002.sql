-- What is known of the robot's safety controller. At most one row; none before one was met.
CREATE TABLE firmware (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    -- Its count of presses that was last acted on.
    presses INTEGER NOT NULL
);
