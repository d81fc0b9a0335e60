// SPDX-License-Identifier: Apache-2.0
#include "sim/input/read_once.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "sim/input/byte_file.h"
#include "sim/input/config_path.h"
#include "sim/input/document.h"
#include "tests/catch.h"
#include "tests/folder.h"

using namespace addax::input;
namespace fs = std::filesystem;

namespace {

class Folder : public addax::tests::Folder {
 public:
  std::string write(const std::string& name, const std::string& text) const {
    // Times of files go by ticks of the kernel.
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return addax::tests::Folder::write(name, text);
  }
};

template <class Work>
std::string refusal(const Work& work) {
  try {
    work();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

const std::string kChanged =
    ": changed while the sweep ran; allowed: files that stay as they are until it has ended";

}  // namespace

TEST_CASE("A document is what it was when it was first read, as long as that is asked for") {
  const Folder folder;
  const std::string path = folder.write("a.yaml", "a: 1");
  {
    ReadOnce once;
    CHECK(Document::read(path).bytes() == "a: 1");
    folder.write("a.yaml", "a: 2");
    CHECK(Document::read(path).bytes() == "a: 1");
    once.close();
    fs::remove(path);
    CHECK(Document::read(path).bytes() == "a: 1");
    const std::string other = folder.write("b.yaml", "b: 1");
    CHECK_THROWS_WITH(Document::read(other), other + kChanged);
  }
  folder.write("a.yaml", "a: 3");
  CHECK(Document::read(path).bytes() == "a: 3");
}

TEST_CASE("A document that was not there does not appear, and neither does a shipped name") {
  const Folder folder;
  ReadOnce once;
  const std::string path = folder.path("a.yaml");
  const auto read = [&] { Document::read(path); };
  const std::string message = refusal(read);
  CHECK(message.find("no such file") != std::string::npos);
  folder.write("a.yaml", "a: 1");
  CHECK(refusal(read) == message);
  once.close();
  CHECK(refusal(read) == message);
  CHECK_THROWS_AS(config_path("arch", "eyeriss_fp16"), FileChanged);
}

TEST_CASE("Documents beyond the room are read again while they are the same") {
  const Folder folder;
  const std::string small = folder.write("small.yaml", "a: 1");
  const std::string large = folder.write("large.yaml", "a: 10000");
  ReadOnce once(7);
  for (const std::string& path : {large, small}) Document::read(path);
  once.close();
  for (const std::string& path : {large, small}) Document::read(path);
  CHECK(Document::read(large).bytes() == "a: 10000");
  folder.write("small.yaml", "a: 2");
  folder.write("large.yaml", "a: 20000");
  CHECK(Document::read(small).bytes() == "a: 1");
  CHECK_THROWS_WITH(Document::read(large), large + kChanged);
  folder.write("large.yaml", "a: 10000");
  CHECK_THROWS_WITH(Document::read(large), large + kChanged);
}

TEST_CASE("A file of bytes is read again while it is the same, of time, size and place") {
  const Folder folder;
  const std::string path = folder.write("a.bin", "abcd");
  const std::string missing = folder.path("missing.bin");
  ReadOnce once;
  ByteFile file(path);
  CHECK(file.read(0, 4).size() == 4);
  CHECK(refusal([&] { ByteFile none(missing); }).find("no such file") != std::string::npos);
  once.close();
  CHECK(ByteFile(path).read(3, 1).front() == 'd');
  const auto before = fs::last_write_time(path);

  SECTION("changed with its size and time") {
    folder.write("a.bin", "abce");
    fs::last_write_time(path, before);
  }
  SECTION("gone") { fs::remove(path); }
  SECTION("another in its place") {
    fs::rename(folder.write("b.bin", "abcd"), path);
    fs::last_write_time(path, before);
  }
  CHECK_THROWS_WITH(file.read(0, 1), path + kChanged);
  CHECK_THROWS_WITH(ByteFile(path), path + kChanged);
  folder.write("missing.bin", "abcd");
  CHECK_THROWS_WITH(ByteFile(missing), missing + kChanged);
  const std::string other = folder.write("other.bin", "");
  CHECK_THROWS_WITH(ByteFile(other), other + kChanged);
}
