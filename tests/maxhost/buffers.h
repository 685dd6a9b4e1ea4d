#pragma once
// The buffer~ objects of the pretended Max. Main thread.

#include <string>
#include <vector>

namespace maxhost {

struct BufferView {
  std::vector<float> samples;  // interleaved
  long frames = 0, channels = 1;
  double rate = 44100.0;
  int dirty = 0;   // how often it was told that its samples changed
  int locked = 0;  // above 0 while somebody has them
};

// Makes a buffer~, or changes it as its own messages would.
void put_buffer(const std::string& name, BufferView view);
BufferView buffer(const std::string& name);
// From now on `sizeinsamps` takes effect after so many further looks at the size, as when Max defers.
void defer_resizing(int looks);
// Frees a reference; false when it is none.
bool free_buffer_reference(void* object);
int buffer_references();

}  // namespace maxhost
