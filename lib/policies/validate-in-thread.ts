import {
  type App,
  CfnResource,
  CloudFormationValidatePlugin,
  type IPolicyValidationContext,
  type PolicyValidationPluginReport,
  Validations,
} from 'aws-cdk-lib';
import type { ValidationThread } from './validation-thread';

/**
 * Lets a thread validate the templates of an app, in the place of the validator that the CDK would run in this one when
 * they are all written. Findings and report are the same. To be called when the constructs are made.
 */
export function validateInThread(app: App, thread: ValidationThread): void {
  Validations.of(app).addPlugins(new ValidatesInThread(thread));
  const resources = app.node.findAll().filter((construct) => CfnResource.isCfnResource(construct));
  thread.expect([...new Set(resources.map(({ cfnResourceType }) => cfnResourceType))]);
}

/** AWS's validator: the CDK takes a plugin of this class for its own, which it then does not run besides. */
class ValidatesInThread extends CloudFormationValidatePlugin {
  private versionThere: string | undefined;

  constructor(private readonly thread: ValidationThread) {
    super();
  }

  /** Asked after the validation. The validator is loaded here to tell only when the thread did not. */
  override get version(): string | undefined {
    return this.versionThere ?? super.version;
  }

  /** Validates here when the thread has failed: so a fault of it costs time and nothing else. */
  override validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const answer = this.thread.validate(context.stackTemplates);
    this.versionThere = answer?.version;
    return answer?.report ?? super.validate(context);
  }
}
