// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace addax::sweep {
namespace {

constexpr int kPatienceMs = 10'000;

template <class Number>
bool reads(const std::string& text, Number& value) {
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && rest == text.data() + text.size();
}

}  // namespace

Cell cell_of(const std::string& text) {
  if (text == "null") return {};
  std::int64_t whole = 0;
  if (reads(text, whole)) return whole;
  double number = 0.0;
  if (reads(text, number) && std::isfinite(number)) return number;
  return text;
}

std::string text_of(const Cell& cell) {
  if (const auto* whole = std::get_if<std::int64_t>(&cell)) return std::to_string(*whole);
  if (const auto* number = std::get_if<double>(&cell)) return fmt::format("{}", *number);
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  return "";
}

std::string csv_field(const Cell& cell) {
  const std::string text = text_of(cell);
  return text.find_first_of(",\"\n\r") == std::string::npos ? text : quoted(text);
}

nlohmann::ordered_json json_of(const Cell& cell) {
  if (const auto* whole = std::get_if<std::int64_t>(&cell)) return *whole;
  if (const auto* number = std::get_if<double>(&cell)) return *number;
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  return nullptr;
}

std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

void Database::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }

Database::Database(const std::string& path, Mode mode) {
  const int flags = mode == Mode::kRead    ? SQLITE_OPEN_READONLY
                    : mode == Mode::kWrite ? SQLITE_OPEN_READWRITE
                                           : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* handle = nullptr;
  const int status = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  handle_.reset(handle);
  if (status != SQLITE_OK) throw DatabaseError(sqlite3_errstr(status));
  sqlite3_busy_timeout(handle, kPatienceMs);
  // A name that is no column is not taken for text.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
}

void Database::run(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    throw DatabaseError(sqlite3_errmsg(handle_.get()));
}

Statement Database::prepare(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  const char* rest = nullptr;
  if (sqlite3_prepare_v2(handle_.get(), sql.c_str(), -1, &statement, &rest) != SQLITE_OK)
    throw DatabaseError(sqlite3_errmsg(handle_.get()));
  Statement prepared(statement);
  if (statement == nullptr || *rest != '\0') throw DatabaseError("more or less than one statement");
  return prepared;
}

Cell Database::value(const std::string& sql) {
  Statement statement = prepare(sql);
  return statement.step() ? statement.cell(0) : Cell();
}

std::int64_t Database::last_id() const { return sqlite3_last_insert_rowid(handle_.get()); }

void Statement::Finish::operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }

Statement& Statement::bind(int place, const Cell& cell) {
  sqlite3_stmt* at = handle_.get();
  if (const auto* whole = std::get_if<std::int64_t>(&cell)) {
    sqlite3_bind_int64(at, place, *whole);
  } else if (const auto* number = std::get_if<double>(&cell)) {
    sqlite3_bind_double(at, place, *number);
  } else if (const auto* text = std::get_if<std::string>(&cell)) {
    sqlite3_bind_text64(at, place, text->data(), text->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  } else {
    sqlite3_bind_null(at, place);
  }
  return *this;
}

Statement& Statement::bind(const std::vector<Cell>& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) bind(static_cast<int>(i) + 1, cells[i]);
  return *this;
}

bool Statement::step() {
  const int status = sqlite3_step(handle_.get());
  if (status == SQLITE_ROW) return true;
  const std::string message = sqlite3_errmsg(sqlite3_db_handle(handle_.get()));
  sqlite3_reset(handle_.get());
  if (status != SQLITE_DONE) throw DatabaseError(message);
  return false;
}

Cell Statement::cell(int column) const {
  sqlite3_stmt* at = handle_.get();
  switch (sqlite3_column_type(at, column)) {
    case SQLITE_INTEGER:
      return static_cast<std::int64_t>(sqlite3_column_int64(at, column));
    case SQLITE_FLOAT:
      return sqlite3_column_double(at, column);
    case SQLITE_NULL:
      return {};
    default:
      break;
  }
  const auto* text = static_cast<const char*>(sqlite3_column_blob(at, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(at, column));
  return text == nullptr ? std::string() : std::string(text, size);
}

int Statement::columns() const { return sqlite3_column_count(handle_.get()); }

std::vector<Cell> Statement::row() const {
  std::vector<Cell> cells;
  for (int column = 0; column < columns(); ++column) cells.push_back(cell(column));
  return cells;
}

}  // namespace addax::sweep
