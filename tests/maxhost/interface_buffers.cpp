// Max's C interface: buffer~.

#include "buffers.h"

#include <cstring>
#include <map>
#include <memory>
#include <set>

#include "world.h"

#include "ext_buffer.h"

struct _buffer_ref {
  std::string name;
};

namespace maxhost {

namespace {

struct Buffer {
  t_object object{};
  BufferView view;
  long wanted_frames = -1, wanted_channels = -1;
  int looks = 0;

  void size() {
    if (wanted_frames >= 0 && looks-- <= 0) {
      view.frames = wanted_frames;
      view.channels = wanted_channels;
      view.samples.assign(static_cast<size_t>(view.frames * view.channels), 0.0f);
      wanted_frames = -1;
    }
  }
};

std::map<std::string, std::unique_ptr<Buffer>>& buffers() {
  static auto& all = *new std::map<std::string, std::unique_ptr<Buffer>>;
  return all;
}

std::set<void*>& references() {
  static auto& all = *new std::set<void*>;
  return all;
}

int deferred_looks = 0;

Buffer& of(t_buffer_obj* object) { return *reinterpret_cast<Buffer*>(object); }

}  // namespace

void put_buffer(const std::string& name, BufferView view) {
  auto& slot = buffers()[name];
  if (!slot) slot = std::make_unique<Buffer>();
  slot->view = std::move(view);
}

BufferView buffer(const std::string& name) { return buffers().at(name)->view; }

void defer_resizing(int looks) { deferred_looks = looks; }

bool free_buffer_reference(void* object) {
  if (references().erase(object) == 0) return false;
  delete static_cast<t_buffer_ref*>(object);
  return true;
}

int buffer_references() { return static_cast<int>(references().size()); }

}  // namespace maxhost

using namespace maxhost;

t_buffer_ref* buffer_ref_new(t_object*, t_symbol* name) {
  auto* made = new t_buffer_ref{name->s_name};
  references().insert(made);
  return made;
}

t_buffer_obj* buffer_ref_getobject(t_buffer_ref* reference) {
  const auto found = buffers().find(reference->name);
  return found == buffers().end() ? nullptr : &found->second->object;
}

float* buffer_locksamples(t_buffer_obj* buffer) {
  Buffer& one = of(buffer);
  if (one.view.frames == 0) return nullptr;  // as Max: there is nothing to have
  ++one.view.locked;
  return one.view.samples.data();
}

void buffer_unlocksamples(t_buffer_obj* buffer) { --of(buffer).view.locked; }

t_atom_long buffer_getchannelcount(t_buffer_obj* buffer) { return of(buffer).view.channels; }

t_atom_long buffer_getframecount(t_buffer_obj* buffer) {
  of(buffer).size();
  return of(buffer).view.frames;
}

t_atom_float buffer_getsamplerate(t_buffer_obj* buffer) { return of(buffer).view.rate; }

t_max_err buffer_setdirty(t_buffer_obj* buffer) {
  ++of(buffer).view.dirty;
  return MAX_ERR_NONE;
}

t_max_err object_method_typed(void* object, t_symbol* message, long count, t_atom* atoms, t_atom*) {
  Buffer& one = of(static_cast<t_buffer_obj*>(object));
  if (!strcmp(message->s_name, "sizeinsamps") && count == 2) {
    if (one.wanted_frames < 0) one.looks = deferred_looks;
    one.wanted_frames = static_cast<long>(atom_getlong(atoms));
    one.wanted_channels = static_cast<long>(atom_getlong(atoms + 1));
    return MAX_ERR_NONE;
  }
  if (!strcmp(message->s_name, "sr") && count == 1) {
    one.view.rate = atom_getfloat(atoms);
    return MAX_ERR_NONE;
  }
  return MAX_ERR_GENERIC;
}
