// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>

#include "sim/app/commands.h"
#include "sim/app/version.h"

// The SystemC library wants this symbol in every executable; addax starts simulations itself.
extern "C" int sc_main(int /*argc*/, char** /*argv*/) { return 0; }

extern "C" {
static void end_by(int signal) {
  addax::input::remove_temporaries();
  ::raise(signal);  // ends the process when this returns
}
}

namespace addax::app {
namespace {

constexpr int kDone = 0;
constexpr int kInputAtFault = 2;
constexpr int kDefect = 3;

struct Command {
  const char* name;
  const char* summary;
  int (*run)(const Words&);
};
constexpr std::array<Command, 9> kCommands = {
    {{"run", "replay a trace on an architecture: latency, energy, area, baselines", run_command},
     {"trace", "make a trace of a model", trace_command},
     {"map", "access counts of a mapping", map_command},
     {"area", "silicon of an architecture alone", area_command},
     {"check", "validate a file and print its effective configuration", check_command},
     {"sweep", "many design points, in parallel, into a file of results", sweep_command},
     {"pareto", "the best points of a sweep: fronts over any outputs", pareto_command},
     {"quantize", "codes and scales of a matrix, and what they lose", quantize_command},
     {"reproduce", "published figures beside ours, and what their assumptions are worth",
      reproduce_command}}};

std::string help() {
  std::string text =
      "Addax: latency, energy and silicon of multiplication-less language models.\n\n"
      "usage: addax COMMAND [options]\n\ncommands:\n";
  for (const Command& command : kCommands) {
    std::string name = command.name;
    name.resize(11, ' ');
    text += "  " + name + command.summary + "\n";
  }
  return text +
         "\noptions:\n  --help     this text; 'addax COMMAND --help' for one command\n"
         "  --version  version, commit and SHA-256 of the sources\n\n"
         "exit status: 0 done, 1 a comparison failed, 2 the input is at fault, 3 a defect of "
         "Addax\n\n"
         "example:\n  addax run --arch eyeriss_shiftadd --trace opt-6.7b.decode.shiftadd-3bit\n";
}

int dispatch(const Words& words) {
  Words names;
  for (const Command& command : kCommands) names.emplace_back(command.name);
  if (words.empty()) refuse("command", "nothing", names);
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "--version") {
    if (words.size() > 1) refuse("command", "words after " + words[0], {"nothing"});
    input::write_file("-", words[0] == "--version"
                               ? std::string("addax ") + version() + " (" + commit() +
                                     ")\nsources " + sources_sha256() + "\n"
                               : help());
    return kDone;
  }
  for (const Command& command : kCommands)
    if (words[0] == command.name) return command.run(Words(words.begin() + 1, words.end()));
  names.insert(names.end(), {"--help", "--version"});
  refuse("command", "'" + words[0] + "'", names);
}

// A file opened while a standard stream is closed would take its place and be written into.
void reserve_standard_streams() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream)
    if (::fcntl(stream, F_GETFD) == -1 && ::open("/dev/null", O_RDONLY) != stream) std::abort();
}

/// A run that is ended leaves no temporary files. What the parent ignores, as nohup does, stays ignored.
void clean_up_at_signals() {
  struct sigaction action {};
  action.sa_handler = end_by;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int signal : {SIGHUP, SIGINT, SIGPIPE, SIGTERM}) {
    struct sigaction before {};
    ::sigaction(signal, nullptr, &before);
    if (before.sa_handler != SIG_IGN) ::sigaction(signal, &action, nullptr);
  }
}

int report(const std::string& text, int status) {
  std::string line = "addax: " + text;
  for (char& c : line)
    if (c == '\n' || c == '\r') c = ' ';
  line += "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
  return status;
}

int guarded(const Words& words) {
  try {
    return dispatch(words);
  } catch (const input::ConfigError& error) {
    return report(error.what(), kInputAtFault);
  } catch (const std::bad_alloc&) {
    return report("found an input that does not fit into memory; allowed: a smaller one",
                  kInputAtFault);
  } catch (const std::exception& error) {
    return report(std::string("a defect of Addax, please report it: ") + error.what(), kDefect);
  }
}

}  // namespace
}  // namespace addax::app

int main(int argc, char** argv) {
  addax::app::reserve_standard_streams();
  addax::app::clean_up_at_signals();
  // SystemC prints its banner on first use, which would end up in results on standard output.
  ::setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", 1);
  return addax::app::guarded(addax::app::Words(argv + (argc > 0 ? 1 : 0), argv + argc));
}
