// SPDX-License-Identifier: Apache-2.0
#include "sim/input/read_once.h"

#include <sys/stat.h>

#include "models/quantity/check.h"
#include "sim/input/document.h"

namespace addax::input {
namespace {

// One place, so that no reader can go past it.
ReadOnce* alive = nullptr;

}  // namespace

FileChanged::FileChanged(const std::string& path)
    : std::runtime_error(path +
                         ": changed while the sweep ran; allowed: files that stay as they "
                         "are until it has ended") {}

ReadOnce::ReadOnce(std::uint64_t kept_bytes) : room_(kept_bytes) {
  ADDAX_CHECK(alive == nullptr, "one ReadOnce at a time");
  alive = this;
}

ReadOnce::~ReadOnce() { alive = nullptr; }

// The time of the inode too: that of contents can be put back.
std::optional<ReadOnce::Stamp> ReadOnce::stamp_of(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  return Stamp(found.st_dev, found.st_ino, found.st_size, found.st_mtim.tv_sec,
               found.st_mtim.tv_nsec, found.st_ctim.tv_sec, found.st_ctim.tv_nsec);
}

void ReadOnce::check_stamp(const std::string& path) {
  const std::optional<Stamp> now = stamp_of(path);
  const auto known = stamps_.find(path);
  if (known == stamps_.end() ? closed_ : known->second != now) throw FileChanged(path);
  stamps_.emplace(path, now);
}

const ReadOnce::Answer& ReadOnce::answer(std::map<std::string, Answer>& known,
                                         const std::string& what,
                                         const std::function<std::string()>& find) const {
  const auto found = known.find(what);
  if (found != known.end()) return found->second;
  if (closed_) throw FileChanged(what);
  Answer answer;
  try {
    answer.text = find();
  } catch (const ConfigError& error) {
    answer = {error.what(), true};
  }
  return known.emplace(what, std::move(answer)).first->second;
}

std::string ReadOnce::bytes(const std::string& path, const std::function<std::string()>& read) {
  if (alive == nullptr) return read();
  const auto checked = [&] {
    check(path);
    std::string bytes = read();
    check(path);
    return bytes;
  };
  const bool known = alive->files_.count(path) == 1;
  if (!known && alive->stamps_.count(path) == 1) return checked();  // there was no room for it
  const Answer& answer = alive->answer(alive->files_, path, checked);
  if (answer.refused) throw ConfigError(answer.text);
  std::string bytes = answer.text;
  if (known) return bytes;
  if (bytes.size() > alive->room_)
    alive->files_.erase(path);
  else
    alive->room_ -= bytes.size();
  return bytes;
}

std::string ReadOnce::path(const std::string& name, const std::function<std::string()>& find) {
  if (alive == nullptr) return find();
  const Answer& answer = alive->answer(alive->names_, name, find);
  if (answer.refused) throw ConfigError(answer.text);
  return answer.text;
}

void ReadOnce::check(const std::string& path) {
  if (alive != nullptr) alive->check_stamp(path);
}

}  // namespace addax::input
