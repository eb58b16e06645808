/** What the files of a course say they are. */

export const ASSIGNMENT = "ablation-assignment/v1";
export const SUBMISSION = "ablation-submission/v1";
