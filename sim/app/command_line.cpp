// SPDX-License-Identifier: Apache-2.0
#include "sim/app/command_line.h"

#include <charconv>
#include <filesystem>
#include <sstream>

namespace addax::app {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

// Control characters would break the promise of one line a message.
std::string printable(const std::string& text) {
  constexpr std::size_t kMost = 80;
  std::string out;
  for (const char c : text.substr(0, kMost)) out += static_cast<unsigned char>(c) < 32 ? '?' : c;
  return text.size() > kMost ? out + "..." : out;
}

std::string joined(const Words& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

Words option_words(const Syntax& syntax) {
  Words words;
  for (const auto& option : syntax.options.options()) words.push_back("--" + option->long_name());
  return words;
}

bool same_file(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return false;
  if (a == "-" || b == "-") return a == b;
  std::error_code error;
  return fs::weakly_canonical(fs::absolute(a), error) ==
         fs::weakly_canonical(fs::absolute(b), error);
}

[[noreturn]] void refuse_option(const Syntax& syntax, const po::error& error) {
  if (const auto* unknown = dynamic_cast<const po::unknown_option*>(&error))
    refuse(unknown->get_option_name(), "an unknown option", option_words(syntax));
  throw input::ConfigError(printable(error.what()) + "; allowed: see 'addax --help'");
}

}  // namespace

void refuse(const std::string& what, const std::string& found, const Words& allowed) {
  std::string text =
      printable(what) + ": found " + printable(found) + "; allowed: " + joined(allowed);
  const bool option = what.rfind("--", 0) == 0 && found == "an unknown option";
  std::string wrong = option ? what : found;
  if (wrong.size() >= 2 && wrong.front() == '\'') wrong = wrong.substr(1, wrong.size() - 2);
  const auto meant = allowed.size() > 1 ? input::nearest(wrong, allowed) : std::nullopt;
  if (meant) text += "; did you mean '" + *meant + "'?";
  throw input::ConfigError(text);
}

CommandLine::CommandLine(const Syntax& syntax, const Words& words) {
  po::positional_options_description positional;
  if (!syntax.positional.empty()) positional.add(syntax.positional.c_str(), syntax.positionals);
  po::options_description all;
  all.add(syntax.options);
  if (!syntax.positional.empty()) all.add_options()(syntax.positional.c_str(), po::value<Words>());
  try {
    // Guessing would make an abbreviation that works today ambiguous tomorrow.
    const int style =
        po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(words).options(all).positional(positional).style(style).run(),
              values_);
  } catch (const po::too_many_positional_options_error&) {
    throw input::ConfigError("found more words than the command takes; allowed: " + syntax.usage);
  } catch (const po::error& error) {
    refuse_option(syntax, error);
  }
}

std::optional<std::string> CommandLine::find(const std::string& option) const {
  const Words words = all(option);
  if (words.empty()) return std::nullopt;
  if (words.size() > 1)
    throw input::ConfigError("--" + option + ": found " + std::to_string(words.size()) +
                             " times; allowed: once");
  return words.front();
}

std::string CommandLine::required(const std::string& option, const std::string& allowed) const {
  const auto value = find(option);
  if (!value) throw input::ConfigError("--" + option + ": found nothing; allowed: " + allowed);
  if (value->empty())
    throw input::ConfigError("--" + option + ": found an empty word; allowed: " + allowed);
  return *value;
}

Words CommandLine::all(const std::string& option) const {
  const auto found = values_.find(option);
  return found == values_.end() ? Words() : found->second.as<Words>();
}

std::string CommandLine::word(const std::string& option, const Words& words) const {
  std::string value = find(option).value_or(words.front());
  for (const std::string& each : words)
    if (value == each) return value;
  refuse("--" + option, "'" + value + "'", words);
}

std::optional<std::uint64_t> CommandLine::integer(const std::string& option, std::uint64_t least,
                                                  std::uint64_t most) const {
  const auto text = find(option);
  if (!text) return std::nullopt;
  std::uint64_t value = 0;
  const char* end = text->data() + text->size();
  const auto parsed = std::from_chars(text->data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || value < least || value > most)
    throw input::ConfigError("--" + option + ": found '" + printable(*text) +
                             "'; allowed: an integer from " + std::to_string(least) + " to " +
                             std::to_string(most));
  return value;
}

std::string help_text(const Syntax& syntax) {
  std::ostringstream text;
  text << "usage: " << syntax.usage << "\n\n" << syntax.summary << "\n\n" << syntax.options;
  text << "\nexample:\n  " << syntax.example << "\n";
  return text.str();
}

namespace {

[[noreturn]] void refuse_shared(const std::string& name, const std::string& path,
                                const std::string& why) {
  throw input::ConfigError("--" + name + ": found '" + printable(path) + "', which " + why +
                           "; allowed: another file");
}

}  // namespace

Outputs::Outputs(const CommandLine& line, const Words& names,
                 const std::vector<InputFile>& inputs) {
  for (const std::string& name : names) {
    if (!line.has(name)) continue;
    const std::string path = line.required(name, "a file, or - for standard output");
    for (const auto& [other, taken] : paths_)
      if (same_file(taken, path)) refuse_shared(name, path, "--" + other + " writes");
    paths_.emplace_back(name, path);
  }
  refuse_inputs(inputs);
  for (const auto& [name, path] : paths_) input::check_writable(path);
}

void Outputs::refuse_inputs(const std::vector<InputFile>& inputs) const {
  for (const auto& [name, path] : paths_)
    for (const InputFile& each : inputs)
      if (same_file(each.path, path)) refuse_shared(name, path, each.option + " reads");
}

void Outputs::add(const std::string& name, input::OutputFiles::Render render) {
  for (const auto& [each, path] : paths_)
    if (each == name) return files_.add(path, std::move(render));
}

std::ostream* Outputs::open(const std::string& name) {
  for (const auto& [each, path] : paths_) {
    if (each != name) continue;
    if (path == "-")
      throw input::ConfigError("--" + name + ": found '-', standard output; allowed: a file");
    return &files_.open(path);
  }
  return nullptr;
}

void Outputs::add_text(const std::function<std::string()>& text) {
  for (const auto& each : paths_)
    if (each.second == "-") return;
  files_.add("-", text());
}

}  // namespace addax::app
