import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * The order of test files: at first those that share no imports, of all projects in turns, so that tests that keep the
 * processor busy (those of the page) run beside tests that wait (those that start stacks). Those that share imports
 * follow project by project: a worker keeps its imports only for the next file of the same project.
 */
export class MixedOrder extends BaseSequencer {
  /** Within a project, larger files come first, or longer ones where an earlier run has timed them. */
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isAlone = ({ project }: TestSpecification) => project.config.isolate;
    return [...inTurns(sorted.filter(isAlone)), ...sorted.filter((file) => !isAlone(file))];
  }
}

/** Spreads the files of each project evenly over the whole, and keeps their order. */
function inTurns(files: TestSpecification[]): TestSpecification[] {
  const projects = new Map(
    files.map(({ project }) => [project.name, files.filter((file) => file.project === project)]),
  );
  const places = [...projects.values()].flatMap((ofProject) =>
    ofProject.map((file, index) => ({ file, place: (index + 0.5) / ofProject.length }))
  );
  return places.sort((one, other) => one.place - other.place).map(({ file }) => file);
}
