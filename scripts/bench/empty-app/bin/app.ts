// What every CDK app costs in this toolchain before it says much: the measure of `npm run bench`. An app without any
// resource would not pass validation, so it has the one that does nothing.
import { App, CfnWaitConditionHandle, Stack } from 'aws-cdk-lib';

new CfnWaitConditionHandle(new Stack(new App(), 'empty'), 'Nothing');
