import { expect, test } from "vitest";
import { nextTick, ref } from "vue";
import { useTyped } from "./useTyped";

test("an answer that comes while one types leaves the text alone", async () => {
  const stored = ref("");
  const saved: string[] = [];
  const { text, focus, leave } = useTyped(
    () => stored.value,
    (next) => saved.push(next),
  );
  focus();
  text.value = "half a sen";
  stored.value = "from the server";
  await nextTick();
  expect(text.value).toBe("half a sen");
  leave();
  expect(saved).toEqual(["half a sen"]);
  stored.value = "half a sentence";
  await nextTick();
  expect(text.value).toBe("half a sentence");
});
