// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/harness.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <thread>

#include "tests/catch.h"

namespace addax::cli {
namespace {

constexpr std::chrono::seconds kPatience{60};
constexpr int kTimedOut = 1000;

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void redirect(const std::string& path, int stream) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT, 0600);
  if (file < 0 || ::dup2(file, stream) < 0) ::_exit(125);
  ::close(file);
}

void redirect_to_unread_pipe(int stream) {
  int ends[2];
  if (::pipe(ends) != 0 || ::dup2(ends[1], stream) < 0) ::_exit(125);
  ::close(ends[0]);
  ::close(ends[1]);
}

int wait_for(pid_t child) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      ::kill(child, SIGKILL);
      ::waitpid(child, &status, 0);
      return kTimedOut;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// Starts the command, does something with the process, and waits for its end.
Outcome finished(const Words& arguments, const Streams& streams,
                 const std::function<void(pid_t)>& meanwhile) {
  const Folder folder;
  Words words = joined({ADDAX_BINARY}, arguments);
  std::vector<char*> raw;
  for (std::string& word : words) raw.push_back(word.data());
  raw.push_back(nullptr);

  const std::string out = streams.out.empty() ? folder.path("out") : streams.out;
  const std::string err = folder.path("err");
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    for (const int signal : {SIGHUP, SIGINT, SIGPIPE, SIGTERM}) ::signal(signal, SIG_DFL);
    redirect(out, STDOUT_FILENO);
    redirect(err, STDERR_FILENO);
    if (streams.out_closed) ::close(STDOUT_FILENO);
    if (streams.out_unread) redirect_to_unread_pipe(STDOUT_FILENO);
    ::execv(ADDAX_BINARY, raw.data());
    ::_exit(126);
  }
  meanwhile(child);
  Outcome outcome;
  outcome.status = wait_for(child);
  if (streams.out.empty()) outcome.out = folder.read("out");
  outcome.err = folder.read("err");
  return outcome;
}

}  // namespace

std::string Folder::read(const std::string& name) const { return bytes_of(path(name)); }

Outcome run_addax(const Words& arguments, const Streams& streams) {
  return finished(arguments, streams, [](pid_t /*child*/) {});
}

Outcome run_interrupted(const Words& arguments, const Folder& folder, int signal) {
  return finished(arguments, {}, [&](pid_t child) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (folder.names().empty() && std::chrono::steady_clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ::kill(child, signal);
  });
}

Outcome done(const Words& arguments) {
  Outcome outcome = run_addax(arguments);
  INFO("standard error: " << outcome.err);
  REQUIRE(outcome.status == 0);
  REQUIRE(outcome.err.empty());
  return outcome;
}

Words joined(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string replaced(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  INFO("replacing: " << from);
  REQUIRE(at != std::string::npos);
  REQUIRE(text.find(from, at + 1) == std::string::npos);
  return text.substr(0, at) + to + text.substr(at + from.size());
}

void check_refused(const Outcome& outcome, const Words& parts) {
  INFO("standard error: " << outcome.err);
  CHECK(outcome.status == 2);
  CHECK(outcome.out.empty());
  CHECK(lines(outcome.err) == 1);
  CHECK(outcome.err.rfind("addax: ", 0) == 0);
  CHECK(contains(outcome.err, "allowed"));
  for (const std::string& part : parts) {
    INFO("expected: " << part);
    CHECK(contains(outcome.err, part));
  }
}

}  // namespace addax::cli
