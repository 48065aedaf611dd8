/// How `run.sqlite` is laid out.
///
/// `points.value` is NULL for NaN, for which SQLite has no number; infinities are stored as they are. The primary keys
/// refuse a point that was recorded before. `events` is the log of everything but points, a row an event with its
/// payload as JSON; the views read it for people with the `sqlite3` command.
enum RunSchema {
  /// The version in `PRAGMA user_version`; a greater one is a newer signflip's.
  static let version = 1

  /// Makes the table of the summaries of long series, which runs of older versions lack: `PackedSeries`. It may lag behind
  /// `points`, which has the truth.
  static let sketches =
    "CREATE TABLE IF NOT EXISTS sketches (series INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;"

  /// Makes all tables and views.
  static let creation = """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE branches (
      id INTEGER PRIMARY KEY, lane TEXT NOT NULL, number INTEGER NOT NULL, UNIQUE (lane, number)) STRICT;
    CREATE TABLE series (
      id INTEGER PRIMARY KEY, branch INTEGER NOT NULL REFERENCES branches, metric TEXT NOT NULL, layer TEXT)
      STRICT;
    CREATE UNIQUE INDEX seriesByName ON series (branch, metric, ifnull(layer, ''));
    CREATE TABLE points (
      series INTEGER NOT NULL, step INTEGER NOT NULL, value REAL, PRIMARY KEY (series, step)) STRICT, WITHOUT ROWID;
    CREATE TABLE steps (
      branch INTEGER NOT NULL, step INTEGER NOT NULL, time REAL NOT NULL, PRIMARY KEY (branch, step))
      STRICT, WITHOUT ROWID;
    CREATE TABLE events (
      sequence INTEGER PRIMARY KEY, time REAL NOT NULL, kind TEXT NOT NULL, lane TEXT, branch INTEGER, step INTEGER,
      json TEXT NOT NULL) STRICT;
    CREATE TABLE checkpoints (
      lane TEXT NOT NULL, branch INTEGER NOT NULL, step INTEGER NOT NULL, epoch REAL NOT NULL, reason TEXT NOT NULL,
      accuracy REAL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, file TEXT NOT NULL UNIQUE, time REAL NOT NULL,
      PRIMARY KEY (lane, branch, step)) STRICT;
    \(sketches)
    CREATE TABLE snapshots (lane TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT, WITHOUT ROWID;

    CREATE VIEW metrics AS
      SELECT lane, number AS branch, metric, layer, step, time, value
      FROM points JOIN series ON series.id = points.series JOIN branches ON branches.id = series.branch
      LEFT JOIN steps USING (branch, step);
    CREATE VIEW journal AS
      SELECT sequence, time, lane, branch, step, json_extract(json, '$.entry.seconds') AS seconds,
        json_extract(json, '$.entry.origin') AS origin, json_extract(json, '$.entry.change') AS change,
        json_extract(json, '$.entry.hyperparameter') AS hyperparameter, json_extract(json, '$.entry.old') AS old,
        json_extract(json, '$.entry.new') AS new
      FROM events WHERE kind = 'applied';
    CREATE VIEW epochs AS
      SELECT time, lane, branch, json_extract(json, '$.epoch') AS epoch, step,
        json_extract(json, '$.trainLoss') AS trainLoss, json_extract(json, '$.validationLoss') AS validationLoss,
        json_extract(json, '$.validationAccuracy') AS validationAccuracy,
        json_extract(json, '$.latentValidationAccuracy') AS latentValidationAccuracy,
        json_extract(json, '$.learningRate') AS learningRate, json_extract(json, '$.flipRate') AS flipRate,
        json_extract(json, '$.imagesPerSecond') AS imagesPerSecond
      FROM events WHERE kind = 'epoch';
    CREATE VIEW flips AS
      SELECT time, lane, branch, step, json_extract(layers.value, '$.layer') AS layer,
        json_extract(layers.value, '$.weights') AS weights, json_extract(layers.value, '$.flipRate') AS flipRate,
        json_extract(layers.value, '$.totalFlips') AS totalFlips
      FROM events, json_each(events.json, '$.flips') AS layers WHERE kind = 'layers';
    CREATE VIEW health AS
      SELECT json_extract(json, '$.time') AS time, json_extract(json, '$.severity') AS severity,
        json_extract(json, '$.message') AS message
      FROM events WHERE kind = 'health';
    CREATE VIEW results AS
      SELECT time, lane, json_extract(json, '$.testAccuracy') AS testAccuracy,
        json_extract(json, '$.bestValidationAccuracy') AS bestValidationAccuracy,
        json_extract(json, '$.bestEpoch') AS bestEpoch, json_extract(json, '$.steps') AS steps,
        json_extract(json, '$.seconds') AS seconds, json_extract(json, '$.wasStopped') AS wasStopped,
        json_extract(json, '$.failure') AS failure, json_extract(json, '$.weightsSHA256') AS weightsSHA256
      FROM events WHERE kind = 'laneEnded';
    PRAGMA user_version = \(version);
    """
}
