// SPDX-License-Identifier: Apache-2.0
#include "sim/input/config_path.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "sim/input/document.h"
#include "sim/input/read_once.h"

namespace addax::input {
namespace {

namespace fs = std::filesystem;

bool is_path(const std::string& text) {
  const std::string suffix = fs::path(text).extension().string();
  return text.find('/') != std::string::npos || suffix == ".yaml" || suffix == ".yml" ||
         suffix == ".json";
}

std::vector<std::string> shipped_names(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    if (entry->path().extension() == ".yaml") names.push_back(entry->path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::string shipped_path(const std::string& folder, const std::string& path_or_name) {
  const fs::path shipped = fs::path(home()) / "configs" / folder;
  const std::vector<std::string> names = shipped_names(shipped);
  if (std::find(names.begin(), names.end(), path_or_name) != names.end())
    return (shipped / (path_or_name + ".yaml")).string();
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  const auto near = nearest(path_or_name, names);
  throw ConfigError("configs/" + folder + ": found the name '" + path_or_name +
                    "'; allowed: " + (list.empty() ? "" : list + ", or ") +
                    "the path of a .yaml file" + (near ? "; did you mean '" + *near + "'?" : ""));
}

}  // namespace

std::string config_path(const std::string& folder, const std::string& path_or_name) {
  if (is_path(path_or_name)) return path_or_name;
  return ReadOnce::path("configs/" + folder + "/" + path_or_name,
                        [&] { return shipped_path(folder, path_or_name); });
}

}  // namespace addax::input
