// SPDX-License-Identifier: Apache-2.0
#include "sim/input/output_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <streambuf>

#include "models/quantity/check.h"
#include "sim/input/document.h"

namespace addax::input {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& path, const std::string& reason) {
  throw ConfigError((path == "-" ? "standard output" : path) + ": cannot be written: " + reason +
                    "; allowed: a file that can be written");
}
[[noreturn]] void refuse(const std::string& path) { refuse(path, std::strerror(errno)); }

/// Bytes on their way to an open file.
class Buffer final : public std::streambuf {
 public:
  Buffer(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {
    setp(bytes_.data(), bytes_.data() + bytes_.size());
  }

 protected:
  int_type overflow(int_type next) override {
    write_out();
    return next == traits_type::eof() ? traits_type::not_eof(next)
                                      : sputc(traits_type::to_char_type(next));
  }
  int sync() override {
    write_out();
    return 0;
  }

 private:
  void write_out() {
    for (const char* at = pbase(); at != pptr();) {
      const ssize_t wrote = ::write(descriptor_, at, static_cast<std::size_t>(pptr() - at));
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) refuse(path_);
      at += wrote;
    }
    setp(bytes_.data(), bytes_.data() + bytes_.size());
  }

  int descriptor_;
  std::string path_;
  std::array<char, 1U << 16U> bytes_{};
};

/// A stream to an open file.
class Stream final : public std::ostream {
 public:
  Stream(int descriptor, const std::string& path)
      : std::ostream(nullptr), buffer_(descriptor, path) {
    rdbuf(&buffer_);
    // A stream would swallow the buffer's ConfigError otherwise.
    exceptions(std::ios::badbit);
  }

 private:
  Buffer buffer_;
};

void render_into(int descriptor, const std::string& path, const OutputFiles::Render& render) {
  Stream stream(descriptor, path);
  render(stream);
  stream.flush();
}

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int value() const { return value_; }
  int close() {
    const int status = ::close(value_);
    value_ = -1;
    return status;
  }

 private:
  int value_;
};

void write_in_place(const std::string& path, const OutputFiles::Render& render) {
  if (path == "-") return render_into(STDOUT_FILENO, path, render);
  Descriptor descriptor(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (descriptor.value() < 0) refuse(path);
  render_into(descriptor.value(), path, render);
  if (descriptor.close() != 0) refuse(path);
}

/// Renaming over a device or a pipe would replace it.
bool is_in_place(const std::string& path) {
  if (path == "-") return true;
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  if (type == fs::file_type::directory)
    throw ConfigError(path + ": is a directory; allowed: a file to write");
  return type != fs::file_type::not_found && type != fs::file_type::regular &&
         type != fs::file_type::none;
}

/// Names of temporary files, where a signal handler can read them.
std::array<std::atomic<const char*>, 16> names{};
static_assert(std::atomic<const char*>::is_always_lock_free);

void remember(const char* name) {
  for (auto& each : names) {
    const char* none = nullptr;
    if (each.compare_exchange_strong(none, name)) return;
  }
  ADDAX_CHECK(false, name);
}

void forget(const char* name) {
  for (auto& each : names) {
    const char* found = name;
    each.compare_exchange_strong(found, nullptr);
  }
}

}  // namespace

/// A file beside its place, removed unless it is renamed.
class OutputFiles::Temporary {
 public:
  explicit Temporary(std::string path) : path_(std::move(path)) {
    std::error_code error;
    const fs::path canonical = fs::weakly_canonical(path_, error);
    target_ = error ? path_ : canonical.string();
    name_ = target_ + ".XXXXXX";
    remember(name_.c_str());  // first: a signal may come as soon as there is a file
    descriptor_.emplace(::mkostemp(name_.data(), O_CLOEXEC));
    if (descriptor_->value() < 0) {
      forget(name_.c_str());
      refuse(path_);
    }
    stream_.emplace(descriptor_->value(), path_);
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    if (name_.empty()) return;
    ::unlink(name_.c_str());
    forget(name_.c_str());
  }
  std::ostream& stream() { return *stream_; }
  /// Completes the file.
  void close() {
    if (!stream_) return;
    stream_->flush();
    stream_.reset();
    // mkostemp makes files private; a result should be as readable as any other new file.
    const mode_t mask = ::umask(0);
    ::umask(mask);
    ::fchmod(descriptor_->value(), 0666 & ~mask);
    if (descriptor_->close() != 0) refuse(path_);
  }
  void rename() {
    if (std::rename(name_.c_str(), target_.c_str()) != 0) refuse(path_);
    forget(name_.c_str());
    name_.clear();
  }

 private:
  std::string path_;    ///< as the user gave it
  std::string target_;  ///< behind symbolic links
  std::string name_;    ///< empty once it is in its place
  std::optional<Descriptor> descriptor_;
  std::optional<Stream> stream_;
};

OutputFiles::OutputFiles() = default;
OutputFiles::~OutputFiles() = default;

void OutputFiles::add(const std::string& path, Render render) {
  if (is_in_place(path)) {
    in_place_.push_back({path, std::move(render)});
  } else {
    temporaries_.push_back(std::make_unique<Temporary>(path));
    render(temporaries_.back()->stream());
    temporaries_.back()->close();
  }
}

std::ostream& OutputFiles::open(const std::string& path) {
  if (is_in_place(path))
    throw ConfigError(path + ": is no regular file; allowed: one, as it is written piece by piece");
  temporaries_.push_back(std::make_unique<Temporary>(path));
  return temporaries_.back()->stream();
}

void OutputFiles::add(const std::string& path, const std::string& bytes) {
  add(path, [bytes](std::ostream& stream) { stream << bytes; });
}

void OutputFiles::commit() {
  for (const auto& each : temporaries_) each->close();
  for (const InPlace& each : in_place_) write_in_place(each.path, each.render);
  for (const auto& each : temporaries_) each->rename();
}

void check_writable(const std::string& path) {
  if (path == "-") {
    const int flags = ::fcntl(STDOUT_FILENO, F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) refuse(path, "it is closed");
  } else if (is_in_place(path)) {
    if (::access(path.c_str(), W_OK) != 0) refuse(path);
  } else {
    OutputFiles().open(path);
  }
}

void remove_temporaries() {
  for (const auto& each : names)
    if (const char* name = each.load()) ::unlink(name);
}

void write_file(const std::string& path, const std::string& bytes) {
  OutputFiles files;
  files.add(path, bytes);
  files.commit();
}

}  // namespace addax::input
