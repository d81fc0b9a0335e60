// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace addax::sweep {

/// What SQLite says of a file or a statement.
class DatabaseError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A value in a table: nothing, an integer, a number or text.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;

/// The cell for a value that a file or a user gives as text: a number where it is a decimal one,
/// nothing for "null".
Cell cell_of(const std::string& text);
/// Numbers in the shortest form that reads back the same; nothing is "".
std::string text_of(const Cell& cell);

/// The cell as a field of CSV, and as JSON.
std::string csv_field(const Cell& cell);
nlohmann::ordered_json json_of(const Cell& cell);

class Statement;

/// An open SQLite file.
class Database {
 public:
  enum class Mode { kRead, kWrite, kCreate };
  /// ":memory:" is a database of its own. Throws DatabaseError.
  Database(const std::string& path, Mode mode);

  /// Runs statements that give no rows.
  void run(const std::string& sql);
  Statement prepare(const std::string& sql);
  /// The first cell of the first row; nothing where there is none.
  Cell value(const std::string& sql);
  std::int64_t last_id() const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

/// A prepared statement; must not outlive its database. Names in double quotes are never text.
class Statement {
 public:
  /// Binds the parameter ?`place`, from 1.
  Statement& bind(int place, const Cell& cell);
  Statement& bind(const std::vector<Cell>& cells);
  /// The next row; false: there are no more, and the statement can be bound anew. Throws DatabaseError.
  bool step();
  Cell cell(int column) const;
  int columns() const;
  std::vector<Cell> row() const;

 private:
  friend class Database;
  struct Finish {
    void operator()(sqlite3_stmt* handle) const;
  };
  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}
  std::unique_ptr<sqlite3_stmt, Finish> handle_;
};

/// `name` in double quotes, for SQL.
std::string quoted(const std::string& name);

}  // namespace addax::sweep
