// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/pool.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace addax::sweep {
namespace {

constexpr int kTickMs = 200;
/// Where points are short the next one waits at the worker, which need not wait for it. Behind a long one it would
/// wait while other workers have nothing to do.
constexpr std::size_t kMostPoints = 2;
constexpr std::chrono::milliseconds kShort{50};

bool write_all(int file, const char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::send(file, bytes, size, MSG_NOSIGNAL);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

bool read_all(int file, char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t count = ::recv(file, bytes, size, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

std::string bytes_of(std::uint64_t number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

std::uint64_t number_of(const std::string& bytes) {
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

// The parent has shut its end, and all that it sent has been read.
bool is_shut(int socket) {
  char next = 0;
  return ::recv(socket, &next, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

// Points come as 8 bytes, results go as their length in 8 bytes and what they are. What ends a group of
// processes, as Ctrl-C does, is the parent's business; its end is the worker's end.
[[noreturn]] void serve(int socket, const Pool::Work& work, pid_t parent) {
  for (const int signal : {SIGHUP, SIGINT, SIGTERM}) ::signal(signal, SIG_IGN);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(0);
  std::array<char, 8> point{};
  while (read_all(socket, point.data(), point.size()) && !is_shut(socket)) {
    const std::string result = work(number_of({point.data(), point.size()}));
    const std::string message = bytes_of(result.size()) + result;
    if (!write_all(socket, message.data(), message.size())) break;
  }
  ::_exit(0);
}

std::string ending(int status) {
  if (WIFSIGNALED(status))
    return std::string("its process was ended by a signal (") + ::strsignal(WTERMSIG(status)) + ")";
  return "its process ended with status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Pool::Pool(unsigned jobs, Work work) : work_(std::move(work)), workers_(jobs) {
  try {
    for (Worker& worker : workers_) start(worker);
  } catch (const PoolError&) {
    end();
    throw;
  }
}

Pool::~Pool() { end(); }

void Pool::end() {
  for (Worker& worker : workers_) {
    if (worker.socket >= 0) ::close(worker.socket);
    if (worker.process <= 0) continue;
    ::kill(worker.process, SIGKILL);
    ::waitpid(worker.process, nullptr, 0);
  }
}

void Pool::start(Worker& worker) {
  std::array<int, 2> sockets{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0)
    throw PoolError(std::string("cannot connect a worker: ") + std::strerror(errno));
  const pid_t parent = ::getpid();
  const pid_t process = ::fork();
  if (process == 0) {
    ::close(sockets[0]);
    for (const Worker& other : workers_)
      if (other.socket >= 0) ::close(other.socket);
    serve(sockets[1], work_, parent);
  }
  ::close(sockets[1]);
  if (process < 0) {
    ::close(sockets[0]);
    throw PoolError(std::string("cannot start a worker: ") + std::strerror(errno));
  }
  worker.process = process;
  worker.socket = sockets[0];
  worker.received.clear();
  worker.most_points = 1;
}

void Pool::stop() {
  if (stopping_) return;
  stopping_ = true;
  for (const Worker& worker : workers_)
    if (worker.socket >= 0) ::shutdown(worker.socket, SHUT_WR);
}

std::vector<pid_t> Pool::workers() const {
  std::vector<pid_t> processes;
  for (const Worker& worker : workers_) processes.push_back(worker.process);
  return processes;
}

std::optional<std::uint64_t> Pool::next_point(const Worker& worker, const Events& events) {
  if (stopping_) return std::nullopt;
  if (again_.empty()) return events.next(static_cast<std::size_t>(&worker - workers_.data()));
  const std::uint64_t point = again_.front();
  again_.pop_front();
  return point;
}

void Pool::give(Worker& worker, const Events& events) {
  while (worker.points.size() < worker.most_points) {
    const std::optional<std::uint64_t> point = next_point(worker, events);
    if (!point) return;
    if (worker.points.empty()) worker.begin = Clock::now();
    worker.points.push_back(*point);
    const std::string bytes = bytes_of(*point);
    // A worker that has ended is noticed when its results are read.
    write_all(worker.socket, bytes.data(), bytes.size());
  }
}

// False: the worker has ended.
bool Pool::receive(Worker& worker, const Events& events) {
  std::array<char, 1U << 16U> buffer{};
  const ssize_t count = ::recv(worker.socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (count <= 0) return false;
  std::string& received = worker.received;
  received.append(buffer.data(), static_cast<std::size_t>(count));
  while (received.size() >= 8 && received.size() - 8 >= number_of(received)) {
    const std::uint64_t size = number_of(received);
    const std::string result = received.substr(8, size);
    received.erase(0, 8 + size);
    const std::uint64_t point = worker.points.front();
    worker.points.pop_front();
    const Clock::time_point now = Clock::now();
    worker.most_points = now - worker.begin < kShort ? kMostPoints : 1;
    worker.begin = now;
    give(worker, events);
    events.done(point, result);
  }
  return true;
}

void Pool::replace(Worker& worker, const Events& events) {
  int status = 0;
  ::waitpid(worker.process, &status, 0);
  ::close(worker.socket);
  worker.process = worker.socket = -1;
  std::deque<std::uint64_t> points;
  points.swap(worker.points);
  if (stopping_) return;
  if (!points.empty()) {
    events.crashed(points.front(), ending(status));
    points.pop_front();
  }
  again_.insert(again_.end(), points.begin(), points.end());
  start(worker);
  give(worker, events);
}

void Pool::run(const Events& events) {
  for (Worker& worker : workers_) give(worker, events);
  for (;;) {
    std::vector<pollfd> waiting;
    std::vector<Worker*> busy;
    for (Worker& worker : workers_) {
      if (worker.points.empty()) give(worker, events);
      if (worker.points.empty()) continue;
      waiting.push_back({worker.socket, POLLIN, 0});
      busy.push_back(&worker);
    }
    if (waiting.empty()) return;
    const int ready = ::poll(waiting.data(), waiting.size(), kTickMs);
    if (ready < 0 && errno != EINTR)
      throw PoolError(std::string("cannot wait for workers: ") + std::strerror(errno));
    for (std::size_t i = 0; ready > 0 && i < busy.size(); ++i)
      if (waiting[i].revents != 0 && !receive(*busy[i], events)) replace(*busy[i], events);
    events.tick();
  }
}

}  // namespace addax::sweep
