#include "host/commands.h"

#include <algorithm>
#include <array>

#include "core/settings.h"
#include "host/words.h"

namespace sideman {

namespace {

constexpr std::array<Command, 11> commands{{
    {CommandKind::load, "load", "[model]", "Opens the model, or another one, in the background; the one before plays until then, and on if that fails. With `lead auto` nothing plays for the second in which the new one is measured."},
    {CommandKind::reset, "reset", "", "Forgets what was heard and played; a new stream starts."},
    {CommandKind::window, "window", "r w", "Sets hop and lead as the accompaniment paper says them: r, the hop's share of the model's window, and w, the lead in hops."},
    {CommandKind::tempo, "tempo", "bpm", "Sets the clock's tempo by hand."},
    {CommandKind::beat, "beat", "[number]", "Says that a beat is now, and its number in the bar; repeated, sets the tempo."},
    {CommandKind::meter, "meter", "beats", "Sets how many beats a bar has."},
    {CommandKind::record, "record", "[name] [seconds]", "Writes what comes in and the parts, aligned to the sample, into a named sound; alone, ends it."},
    {CommandKind::render, "render", "[from] [to]", "Plays the parts for a whole named sound at once, into another one; alone, gives up."},
    {CommandKind::info, "info", "", "Sends every figure of the object from the right outlet."},
    {CommandKind::doctor, "doctor", "", "Checks the installation and prints what to mend."},
    {CommandKind::bench, "bench", "", "Measures the model on this machine and sends the figures."},
}};

}  // namespace

std::span<const Command> command_table() { return commands; }

const Command* find_command(std::string_view name) {
  const auto found = std::find_if(commands.begin(), commands.end(),
                                  [&](const Command& command) { return command.name == name; });
  return found == commands.end() ? nullptr : &*found;
}

std::vector<std::string_view> setting_names() {
  std::vector<std::string_view> names;
  for (const Setting& setting : settings_table()) {
    names.push_back(setting.name);
  }
  return names;
}

std::vector<std::string_view> message_names() {
  std::vector<std::string_view> names = setting_names();
  for (const Command& command : commands) {
    names.push_back(command.name);
  }
  return names;
}

std::string unknown_name(std::string_view what, std::string_view word,
                         const std::vector<std::string_view>& names) {
  const std::string nearest = nearest_name(word, names);
  std::string line = "unknown " + std::string(what) + " '" + std::string(word) + "': ";
  return line + (nearest.empty() ? "see the help of sideman~" : "did you mean '" + nearest + "'?");
}

}  // namespace sideman
